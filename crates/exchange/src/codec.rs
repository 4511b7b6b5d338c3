//! CBOR forms shared by several files: digests as byte strings, instants as
//! microseconds since 1970.

/// `#[cbor(with = "crate::codec::digest")]`
pub(crate) mod digest {
    use audit::Digest;
    use minicbor::{
        Decoder, Encoder,
        decode::Error as ReadError,
        encode::{Error as WriteError, Write},
    };

    pub(crate) fn encode<C, W: Write>(
        value: &Digest,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), WriteError<W::Error>> {
        e.bytes(&value.0)?.ok()
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Digest, ReadError> {
        let bytes = d.bytes()?;
        bytes.try_into().map(Digest).map_err(|_| ReadError::message("not a digest of 32 bytes"))
    }
}

/// `#[cbor(with = "crate::codec::instant")]`
pub(crate) mod instant {
    use jiff::Timestamp;
    use minicbor::{
        Decoder, Encoder,
        decode::Error as ReadError,
        encode::{Error as WriteError, Write},
    };

    pub(crate) fn encode<C, W: Write>(
        value: &Timestamp,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), WriteError<W::Error>> {
        e.i64(value.as_microsecond())?.ok()
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Timestamp, ReadError> {
        Timestamp::from_microsecond(d.i64()?)
            .map_err(|_| ReadError::message("an instant out of range"))
    }
}

/// `#[cbor(with = "crate::codec::instant_option", has_nil)]`
pub(crate) mod instant_option {
    use jiff::Timestamp;
    use minicbor::{
        Decoder, Encoder,
        decode::Error as ReadError,
        encode::{Error as WriteError, Write},
    };

    pub(crate) fn encode<C, W: Write>(
        value: &Option<Timestamp>,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), WriteError<W::Error>> {
        match value {
            Some(value) => super::instant::encode(value, e, ctx),
            None => e.null()?.ok(),
        }
    }

    pub(crate) fn decode<C>(
        d: &mut Decoder<'_>,
        ctx: &mut C,
    ) -> Result<Option<Timestamp>, ReadError> {
        super::instant::decode(d, ctx).map(Some)
    }

    pub(crate) fn nil() -> Option<Option<Timestamp>> {
        Some(None)
    }

    pub(crate) fn is_nil(value: &Option<Timestamp>) -> bool {
        value.is_none()
    }
}

/// The bytes of `value`, in canonical form.
pub(crate) fn to_vec<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("writing to memory cannot fail")
}

/// Reads `bytes`; only the very bytes that [`to_vec`] writes are taken, so that one
/// meaning has one form.
pub(crate) fn exactly<'b, T>(bytes: &'b [u8]) -> Option<T>
where
    T: minicbor::Encode<()> + minicbor::Decode<'b, ()>,
{
    let value: T = minicbor::decode(bytes).ok()?;
    (to_vec(&value) == bytes).then_some(value)
}
