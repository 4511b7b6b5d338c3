//! Signatures that were verified once: partners' keys and agreements.
//!
//! A parcel, a list and a round of the courier each ask for the partner's keys and for every
//! agreement, and two post-quantum verifications for each of them cost more than all else
//! that is done. What was proven stays proven as long as not one byte of it is another: the
//! memory is asked by a digest over all that the verification reads, so that a row which is
//! changed, by whichever process, is verified anew.

use std::collections::HashMap;

use anyhow::Result;
use audit::Digest;
use exchange::PublicKeys;
use parking_lot::Mutex;
use policy::{InForce, SignatureError, SignedAgreement};

/// So many partners and versions of agreements are remembered; then it begins anew.
const MOST: usize = 2_000;

/// What was verified.
#[derive(Default)]
pub(super) struct Proven {
    keys: Mutex<HashMap<Digest, PublicKeys>>,
    agreements: Mutex<HashMap<Digest, InForce>>,
}

impl Proven {
    /// A partner's keys, whose epoch key its identity certifies.
    ///
    /// # Errors
    /// The bytes are no such keys.
    pub(super) fn keys(&self, bytes: &[u8]) -> Result<PublicKeys> {
        let digest = Digest::of(bytes);
        if let Some(known) = self.keys.lock().get(&digest) {
            return Ok(known.clone());
        }
        let keys = PublicKeys::decode(bytes)?;
        remember(&self.keys, digest, keys.clone());
        Ok(keys)
    }

    /// An agreement that the parties signed whose keys these are: of each the state and the
    /// identity.
    ///
    /// # Errors
    /// It is none, or a signature is missing or does not hold.
    pub(super) fn agreement(
        &self,
        signed: &[u8],
        keys: &[policy::PartyKeys],
    ) -> Result<InForce, SignatureError> {
        let mut parts: Vec<&[u8]> = vec![signed];
        for key in keys {
            parts.extend([key.party.code().as_bytes(), &key.ed25519, &key.ml_dsa_65]);
        }
        let digest = Digest::of_parts(&parts);
        if let Some(known) = self.agreements.lock().get(&digest) {
            return Ok(known.clone());
        }
        let in_force = SignedAgreement::from_cbor(signed)?.verify(keys)?;
        remember(&self.agreements, digest, in_force.clone());
        Ok(in_force)
    }
}

fn remember<T>(known: &Mutex<HashMap<Digest, T>>, digest: Digest, proven: T) {
    let mut known = known.lock();
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(digest, proven);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use exchange::StateKeys;
    use policy::Agreement;
    use travel::Country;

    use super::*;

    #[test]
    fn what_was_proven_is_proven_for_these_bytes_and_these_keys_alone() {
        let text = include_str!("../../../../docs/agreements/gbr-tur.toml");
        let agreement = Agreement::from_toml(text).unwrap();
        let states = [Country::new("GBR"), Country::new("TUR")];
        let keys = [StateKeys::generate().unwrap(), StateKeys::generate().unwrap()];
        let mut signed = SignedAgreement::unsigned(&agreement);
        for (state, keys) in states.into_iter().zip(&keys) {
            signed.add(keys.sign_agreement(state, &signed.document).unwrap());
        }
        let parties = |keys: [&StateKeys; 2]| {
            [(states[0], keys[0]), (states[1], keys[1])].map(|(s, k)| k.public().party_keys(s))
        };
        let (proven, theirs) = (Proven::default(), parties([&keys[0], &keys[1]]));
        for _ in 0..2 {
            let in_force = proven.agreement(&signed.to_cbor(), &theirs).unwrap();
            assert_eq!(in_force.id(), signed.id());
        }
        let others = StateKeys::generate().unwrap();
        assert!(proven.agreement(&signed.to_cbor(), &parties([&keys[0], &others])).is_err());
        signed.signatures[0].ml_dsa_65[7] ^= 1;
        assert!(proven.agreement(&signed.to_cbor(), &theirs).is_err());

        let mut bytes = keys[0].public().encode();
        assert!(proven.keys(&bytes).is_ok() && proven.keys(&bytes).is_ok());
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert!(proven.keys(&bytes).is_err());
    }
}
