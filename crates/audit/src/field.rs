//! What the fields of an event are made of, and how each is written in CBOR.

use minicbor::{Decoder, decode};

use crate::{Digest, Pseudonym};

/// The encoder of this crate; writing to memory cannot fail.
pub(crate) type Out = minicbor::Encoder<Vec<u8>>;
type Failure = decode::Error;

/// A kind of value that may stand in an event.
pub(crate) trait Field: Sized {
    /// Whether the field is left out of the map.
    fn absent(&self) -> bool {
        false
    }
    fn write(&self, out: &mut Out);
    fn read(d: &mut Decoder<'_>) -> Result<Self, Failure>;
    /// The value of a field that the map leaves out, where that is allowed.
    fn missing() -> Option<Self> {
        None
    }
    /// For people.
    fn show(&self) -> String;
}

const MEMORY: &str = "writing to memory cannot fail";

impl Field for String {
    fn write(&self, out: &mut Out) {
        out.str(self).expect(MEMORY);
    }
    fn read(d: &mut Decoder<'_>) -> Result<Self, Failure> {
        Ok(d.str()?.to_owned())
    }
    fn show(&self) -> String {
        self.clone()
    }
}

impl Field for u64 {
    fn write(&self, out: &mut Out) {
        out.u64(*self).expect(MEMORY);
    }
    fn read(d: &mut Decoder<'_>) -> Result<Self, Failure> {
        d.u64()
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Field for u32 {
    fn write(&self, out: &mut Out) {
        out.u32(*self).expect(MEMORY);
    }
    fn read(d: &mut Decoder<'_>) -> Result<Self, Failure> {
        d.u32()
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Field for Digest {
    fn write(&self, out: &mut Out) {
        out.bytes(&self.0).expect(MEMORY);
    }
    fn read(d: &mut Decoder<'_>) -> Result<Self, Failure> {
        let bytes = d.bytes()?.try_into();
        bytes.map(Digest).map_err(|_| Failure::message("a digest has 32 bytes"))
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Field for Pseudonym {
    fn write(&self, out: &mut Out) {
        out.bytes(&self.0).expect(MEMORY);
    }
    fn read(d: &mut Decoder<'_>) -> Result<Self, Failure> {
        let bytes = d.bytes()?.try_into();
        bytes.map(Pseudonym).map_err(|_| Failure::message("a pseudonym has 16 bytes"))
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Field for Vec<String> {
    fn absent(&self) -> bool {
        self.is_empty()
    }
    fn write(&self, out: &mut Out) {
        out.array(self.len() as u64).expect(MEMORY);
        for text in self {
            text.write(out);
        }
    }
    fn read(d: &mut Decoder<'_>) -> Result<Self, Failure> {
        let n = d.array()?.ok_or_else(|| Failure::message("array of indefinite length"))?;
        (0..n).map(|_| String::read(d)).collect()
    }
    fn missing() -> Option<Self> {
        Some(Vec::new())
    }
    fn show(&self) -> String {
        self.join(", ")
    }
}

impl<T: Field> Field for Option<T> {
    fn absent(&self) -> bool {
        self.is_none()
    }
    fn write(&self, out: &mut Out) {
        if let Some(value) = self {
            value.write(out);
        }
    }
    fn read(d: &mut Decoder<'_>) -> Result<Self, Failure> {
        T::read(d).map(Some)
    }
    fn missing() -> Option<Self> {
        Some(None)
    }
    fn show(&self) -> String {
        self.as_ref().map_or_else(String::new, Field::show)
    }
}
