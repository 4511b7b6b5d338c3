//! Receipts: the receiver's signed word that a parcel is kept, or was refused and why.
//!
//! A receipt is made once and stored with the verdict; whoever asks again gets those
//! bytes. COSE_Sign over canonical CBOR, signed by both algorithms.

use coset::{Header as CoseHeader, HeaderBuilder};
use jiff::Timestamp;
use minicbor::{Decode, Encode};
use policy::AgreementId;
use travel::Country;

use crate::{
    Digest, ExchangeError, Header, MAX_RECEIPT_BYTES, PROTOCOL, ParcelId, PublicKeys, Reckoning,
    StateKeys, codec, cose,
};

const CONTEXT: &[u8] = b"passerelle receipt v1";
const CONTENT_TYPE: &str = "application/cbor";

/// What became of a parcel.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum ReceiptVerdict {
    /// Opened, checked and kept.
    #[n(0)]
    Accepted,
    /// Not kept, and it need not be sent again.
    #[n(1)]
    Refused {
        /// A short name: `policy`, `sealed`, `unreadable`.
        #[n(0)]
        reason: String,
        /// The rules that forbid it, where it was the law or the agreement.
        #[n(1)]
        rules: Vec<String>,
    },
}

/// What a receipt says.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Receipt {
    /// The version of the protocol.
    #[n(0)]
    pub protocol: u32,
    /// For which parcel.
    #[n(1)]
    pub parcel: ParcelId,
    /// SHA-256 of the very bytes that came.
    #[cbor(n(2), with = "crate::codec::digest")]
    pub digest: Digest,
    /// Its agreement.
    #[n(3)]
    pub agreement: AgreementId,
    /// Its number.
    #[n(4)]
    pub sequence: u64,
    /// Who gives the receipt.
    #[n(5)]
    pub receiver: Country,
    /// What became of it.
    #[n(6)]
    pub verdict: ReceiptVerdict,
    /// When it was received.
    #[cbor(n(7), with = "crate::codec::instant")]
    pub received_at: Timestamp,
    /// The newest checkpoint of the receiver's log, as a signed note.
    #[n(8)]
    pub checkpoint: Option<String>,
    /// For a daily total: what the receiver counts of the same parcels.
    #[n(9)]
    pub reckoning: Option<Reckoning>,
}

/// Why bytes are no receipt for a parcel of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Not a receipt.
    #[error("not a receipt")]
    Form,
    /// A signature is not the receiver's.
    #[error("a signature does not hold")]
    Signature,
    /// A receipt, but not for this parcel.
    #[error("a receipt for another parcel, or by another state")]
    OtherParcel,
}

impl Receipt {
    /// The receipt for a parcel.
    pub fn of(
        header: &Header,
        digest: Digest,
        verdict: ReceiptVerdict,
        received_at: Timestamp,
        checkpoint: Option<String>,
    ) -> Self {
        Self {
            protocol: PROTOCOL,
            parcel: header.parcel,
            digest,
            agreement: header.agreement,
            sequence: header.sequence,
            receiver: header.to,
            verdict,
            received_at,
            checkpoint,
            reckoning: None,
        }
    }

    /// Signs it. The bytes are to be stored with the verdict and given out as they are.
    ///
    /// # Errors
    /// A key of ours is refused.
    pub fn sign(&self, keys: &StateKeys) -> Result<Vec<u8>, ExchangeError> {
        cose::sign(keys, CONTEXT, protected(), codec::to_vec(self))
    }

    /// Reads a receipt and checks that `keys` signed it.
    ///
    /// # Errors
    /// Not a receipt, or a signature that does not hold.
    pub fn read(bytes: &[u8], keys: &PublicKeys) -> Result<Self, ReceiptError> {
        if bytes.len() > MAX_RECEIPT_BYTES {
            return Err(ReceiptError::Form);
        }
        let signed = cose::read(bytes).ok_or(ReceiptError::Form)?;
        if signed.protected.header != protected() {
            return Err(ReceiptError::Form);
        }
        cose::verify(&signed, CONTEXT, keys).map_err(|_| ReceiptError::Signature)?;
        let receipt: Self =
            signed.payload.as_deref().and_then(codec::exactly).ok_or(ReceiptError::Form)?;
        Ok(receipt)
    }

    /// What a receipt says that is kept in a store: its signatures were made here, or were
    /// verified when it came. Nothing is proven by it.
    pub fn kept(bytes: &[u8]) -> Option<Self> {
        cose::read(bytes)?.payload.as_deref().and_then(codec::exactly)
    }

    /// Reads a receipt and checks that it is the receiver's word on this very parcel.
    ///
    /// # Errors
    /// As [`read`](Self::read), or a receipt for something else.
    pub fn verify(
        bytes: &[u8],
        keys: &PublicKeys,
        header: &Header,
        digest: Digest,
    ) -> Result<Self, ReceiptError> {
        let receipt = Self::read(bytes, keys)?;
        let same = receipt.parcel == header.parcel
            && receipt.digest == digest
            && receipt.agreement == header.agreement
            && receipt.sequence == header.sequence
            && receipt.receiver == header.to;
        if same { Ok(receipt) } else { Err(ReceiptError::OtherParcel) }
    }
}

fn protected() -> CoseHeader {
    HeaderBuilder::new().content_type(CONTENT_TYPE.to_owned()).build()
}
