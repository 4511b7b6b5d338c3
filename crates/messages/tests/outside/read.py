"""Reads EDIFACT interchanges with pydifact and prints what it understood, a line of JSON a file:
the segments with their elements, and the messages that the envelope holds."""

import json
import sys
import warnings

warnings.simplefilter("ignore")

from pydifact.parser import Parser
from pydifact.segmentcollection import Interchange


def components(element):
    return [str(part) for part in element] if isinstance(element, list) else [str(element)]


for path in sys.argv[1:]:
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    segments = [
        [segment.tag, [components(element) for element in segment.elements]]
        for segment in Parser().parse(text)
        if segment.tag != "UNA"
    ]
    interchange = Interchange.from_str(text)
    messages = [
        [message.reference_number, message.identifier[0], len(message.segments)]
        for message in interchange.get_messages()
    ]
    print(json.dumps({"segments": segments, "messages": messages}))
