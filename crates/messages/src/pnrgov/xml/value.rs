//! Attributes, and what they hold.

use std::borrow::Cow;

use jiff::civil::DateTime;
use quick_xml::events::BytesStart;
use travel::{LocalTime, PartialDate};

pub(super) fn attribute(e: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = e.attributes();
    let attribute =
        attributes.with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name)?;
    let value = super::repair::unescaped(&attribute.value);
    Some(value.trim().to_owned())
}

/// `2024-01-01T10:15:00`; an offset behind it is of no use, times are local.
pub(super) fn time(text: &str) -> Option<LocalTime> {
    let text = text.get(..19).or(text.get(..16)).unwrap_or(text);
    text.parse::<DateTime>().ok().map(LocalTime)
}

pub(super) fn date(text: &str) -> Option<PartialDate> {
    PartialDate::parse(text.get(..10)?)
}

/// The first of these attributes that says something: senders do not agree on the names.
pub(super) fn one_of(e: &BytesStart<'_>, names: &[Cow<'static, str>]) -> String {
    all_of(e, names).next().unwrap_or_default()
}

/// Whatever these attributes say.
pub(super) fn all_of(
    e: &BytesStart<'_>,
    names: &[Cow<'static, str>],
) -> impl Iterator<Item = String> {
    names.iter().filter_map(|name| attribute(e, name)).filter(|value| !value.is_empty())
}
