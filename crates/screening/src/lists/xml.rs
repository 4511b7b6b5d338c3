//! XML lists, record by record: what stands below an element of interest as a small
//! tree, the rest passed over. No entity is expanded but the five of XML itself.

use std::borrow::Cow;

use quick_xml::{Reader, XmlVersion, events::BytesStart, events::Event};

use super::ListError;

/// No list nests deeper.
const DEEPEST: usize = 48;

/// An element with what stands in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub name: String,
    attributes: Vec<(String, String)>,
    /// Its own text, without that of its children.
    pub text: String,
    pub children: Vec<Element>,
    /// Offset of its end tag's or its own beginning, in bytes.
    pub position: u64,
}

impl Element {
    /// An attribute, or nothing.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// Children of that name.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }

    /// The text of the first child of that name, or nothing.
    pub fn value(&self, name: &str) -> &str {
        self.child(name).map_or("", |c| c.text.as_str())
    }

    /// What stands at the end of a path of names, each level with all its elements.
    pub fn each<'e>(&'e self, path: &[&str]) -> Vec<&'e Element> {
        let mut level = vec![self];
        for name in path {
            level = level.iter().flat_map(|e| &e.children).filter(|c| c.name == *name).collect();
        }
        level
    }
}

/// Hands every element of these names to `each`, in the order of the document. Inside
/// one of them no other is looked for.
///
/// # Errors
/// The document is not well formed, or ends in the middle.
pub(super) fn records(
    document: &str,
    wanted: &[&str],
    each: &mut dyn FnMut(Element),
) -> Result<(), ListError> {
    let mut reader = Reader::from_str(document);
    let mut depth = 0usize;
    let mut open: Vec<Element> = Vec::new();
    loop {
        let position = reader.buffer_position();
        let broken = |text: String| ListError::Broken { position, text };
        match reader.read_event().map_err(|e| broken(e.to_string()))? {
            Event::Start(start) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(broken("elements are nested too deeply".to_owned()));
                }
                if !open.is_empty() || wanted.contains(&start.local_name().as_ref()) {
                    open.push(element(&start, position));
                }
            }
            Event::Empty(start) => {
                let done = element(&start, position);
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None if wanted.contains(&done.name.as_str()) => each(done),
                    None => {}
                }
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if let Some(mut done) = open.pop() {
                    done.text = done.text.trim().to_owned();
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => each(done),
                    }
                }
            }
            Event::Text(t) => push(&mut open, t.as_ref()),
            Event::CData(t) => push(&mut open, t.as_ref()),
            Event::GeneralRef(r) => match r.as_ref() {
                "amp" => push(&mut open, "&"),
                "lt" => push(&mut open, "<"),
                "gt" => push(&mut open, ">"),
                "quot" => push(&mut open, "\""),
                "apos" => push(&mut open, "'"),
                _ => {
                    if let Ok(Some(c)) = r.resolve_char_ref() {
                        push(&mut open, c.encode_utf8(&mut [0; 4]));
                    }
                }
            },
            Event::Eof if depth > 0 => {
                return Err(broken("the file ends in the middle of an element".to_owned()));
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn push(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text += text;
    }
}

fn element(start: &BytesStart<'_>, position: u64) -> Element {
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten().map(|a| {
        let value = a
            .normalized_value(XmlVersion::Implicit1_0)
            .unwrap_or_else(|_| Cow::Owned(a.value.to_string()));
        (a.key.local_name().as_ref().to_owned(), value.trim().to_owned())
    });
    Element {
        name: start.local_name().as_ref().to_owned(),
        attributes: attributes.collect(),
        position,
        ..Element::default()
    }
}
