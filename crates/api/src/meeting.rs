//! Two states meet over one telephone call.
//!
//! Each node writes an offer (state, address, certificates, public keys), which goes to the
//! other by any way. Nothing is trusted before both have read the same fingerprint aloud: it
//! is a digest over every field of the offer, said in digits and, with the same digest, in
//! the words of the spelling alphabet that everybody in aviation knows (ICAO Annex 10,
//! volume II, 5.2.1.3).

use audit::{Actor, Digest, Event, Logged};
use exchange::PublicKeys;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Batch, Change, Store, rows::Partner};
use travel::{Country, is_state};

use crate::{Api, Caller, Error, Office, Operation};

/// An offer's file is no longer than this.
const MOST_BYTES: usize = 100_000;
/// Groups of letters, and letters in each: 24 letters, 112 bits.
const GROUPS: usize = 6;
const LETTERS: usize = 4;

const SPELLED: [&str; 26] = [
    "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett",
    "Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango",
    "Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
];

/// What a state tells another about its node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The exchange's version ([`exchange::PROTOCOL`]).
    pub protocol: u32,
    /// ICAO code of the state.
    pub state: String,
    /// Where its node takes parcels.
    pub url: String,
    /// SHA-256 of the certificate that it shows, hexadecimal.
    pub certificate: String,
    /// Its public keys, hexadecimal ([`PublicKeys::encode`]).
    pub keys: String,
    /// The key that signs its log's checkpoints.
    pub log_key: String,
    /// The certificate of its authority, PEM.
    pub authority: String,
}

/// The digest over an offer, as it is said aloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpokenFingerprint {
    /// Eight groups of five digits, 132 bits.
    pub digits: String,
    /// Six groups of four words of the spelling alphabet, 112 bits.
    pub words: Vec<Vec<&'static str>>,
}

impl SpokenFingerprint {
    /// Whether somebody read the same aloud: digits, or words, or their letters alone.
    ///
    /// ```
    /// # let offer = api::Offer { protocol: 1, state: "TUR".into(), url: String::new(),
    /// #   certificate: String::new(), keys: String::new(), log_key: String::new(), authority: String::new() };
    /// let spoken = offer.fingerprint();
    /// assert!(spoken.is(&spoken.digits) && spoken.is(&spoken.in_words().to_lowercase()));
    /// assert!(!spoken.is("") && !spoken.is("12345"));
    /// ```
    pub fn is(&self, read_aloud: &str) -> bool {
        let digits = |t: &str| t.chars().filter(char::is_ascii_digit).collect::<String>();
        if read_aloud.chars().any(|c| c.is_ascii_digit()) {
            return digits(read_aloud) == digits(&self.digits);
        }
        let plain = |t: &str| {
            let letters = t.chars().filter(char::is_ascii_alphabetic);
            letters.map(|c| c.to_ascii_uppercase()).collect::<String>()
        };
        let said = plain(read_aloud);
        said == plain(&self.in_words()) || said == plain(&self.letters())
    }

    /// The words, in groups parted by ` · `.
    pub fn in_words(&self) -> String {
        self.words.iter().map(|g| g.join(" ")).collect::<Vec<_>>().join(" · ")
    }

    /// The letters alone: `KTAN FQLB …`.
    pub fn letters(&self) -> String {
        let group = |g: &Vec<&str>| g.iter().filter_map(|w| w.chars().next()).collect::<String>();
        self.words.iter().map(group).collect::<Vec<_>>().join(" ")
    }
}

impl Offer {
    /// Reads an offer's file.
    ///
    /// # Errors
    /// It is none, or of another version of the exchange.
    pub fn read(text: &str) -> Result<Self, Error> {
        let wrong = |text: String| Error::Invalid { field: "offer", text };
        if text.len() > MOST_BYTES {
            return Err(wrong("It is too long for an offer.".into()));
        }
        let offer: Self = toml::from_str(text)
            .map_err(|e| wrong(format!("It is no partner's offer: {}", e.message())))?;
        if offer.protocol != exchange::PROTOCOL {
            return Err(wrong(format!(
                "{} speaks protocol {}; this program speaks {}.",
                offer.state,
                offer.protocol,
                exchange::PROTOCOL
            )));
        }
        Ok(offer)
    }

    /// The offer as a file.
    pub fn to_toml(&self) -> String {
        let spoken = self.fingerprint();
        let text = toml::to_string(self).unwrap_or_default();
        format!(
            "# A partner's offer. Compare its fingerprint by telephone before accepting it:\n# {}\n# {}\n{text}",
            spoken.digits,
            spoken.in_words(),
        )
    }

    /// What both administrators read aloud.
    pub fn fingerprint(&self) -> SpokenFingerprint {
        let parts = [
            &self.protocol.to_string(),
            &self.state,
            &self.url,
            &self.certificate,
            &self.keys,
            &self.log_key,
            &self.authority,
        ];
        let mut text = String::from("passerelle offer\0");
        for part in parts {
            text += &format!("{}:{part}", part.len());
        }
        let digest = Digest::of(text.as_bytes()).0;
        let five = |c: &[u8]| u32::from_be_bytes([0, c[0], c[1], c[2]]) % 100_000;
        let digits: Vec<String> =
            digest[..24].chunks(3).map(|c| format!("{:05}", five(c))).collect();
        let mut number = u128::from_be_bytes(std::array::from_fn(|i| digest[i]));
        let mut word = || {
            let place = (number % 26) as usize;
            number /= 26;
            SPELLED[place]
        };
        let words = (0..GROUPS).map(|_| (0..LETTERS).map(|_| word()).collect()).collect();
        SpokenFingerprint { digits: digits.join(" "), words }
    }

    /// Its row, once it is to be trusted.
    fn row(&self, office: &dyn Office, at: Timestamp) -> Result<(Partner, PublicKeys), Error> {
        let wrong = |text: String| Error::Invalid { field: "offer", text };
        let state = Country::parse(&self.state).filter(|c| is_state(*c));
        let state = state.ok_or_else(|| wrong(format!("{:?} is no state.", self.state)))?;
        if state == office.state() {
            return Err(wrong(format!("This is the offer of {state} itself.")));
        }
        let bytes = unhex(&self.keys).ok_or_else(|| wrong("`keys` is not hexadecimal.".into()))?;
        let keys = PublicKeys::decode(&bytes).map_err(|e| wrong(e.to_string()))?;
        if !self.url.starts_with("https://") {
            return Err(wrong("`url` is not an https address.".into()));
        }
        office.could_trust(&self.authority).map_err(wrong)?;
        let row = Partner {
            state: state.to_string(),
            name: state.name().unwrap_or(state.code()).to_owned(),
            url: self.url.clone(),
            authority: self.authority.clone(),
            certificate: self.certificate.clone(),
            keys: bytes,
            enabled: true,
            added_at: at,
            last_answer: None,
            last_answer_at: None,
        };
        Ok((row, keys))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || text.len() % 2 == 1 {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

/// What is known already of whoever makes an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Nothing: it is no partner yet.
    New,
    /// It is a partner, and nothing in the offer that is trusted is other than what is.
    Same,
    /// It is a partner, at another address or with another certificate.
    Moved,
    /// It is a partner, with other keys: what it signed under the old ones binds nobody
    /// until it is signed again.
    OtherKeys,
}

/// How an offer stands to what is known.
///
/// # Errors
/// It cannot be taken at all, or the store cannot be read.
pub fn known(
    (store, office): (&Store, &dyn Office),
    offer: &Offer,
    at: Timestamp,
) -> Result<Known, Error> {
    let (row, _) = offer.row(office, at)?;
    Ok(match store.partner(&row.state)? {
        None => Known::New,
        Some(old) if old.keys != row.keys => Known::OtherKeys,
        Some(old)
            if old.url != row.url
                || old.certificate != row.certificate
                || old.authority != row.authority =>
        {
            Known::Moved
        }
        Some(_) => Known::Same,
    })
}

/// Makes a partner known and trusted, after both have read the fingerprint aloud.
///
/// # Errors
/// The offer cannot be taken, or the store refuses.
pub fn accept(
    (store, office): (&Store, &dyn Office),
    offer: &Offer,
    officer: &str,
    at: Timestamp,
) -> Result<String, Error> {
    let (row, keys) = offer.row(office, at)?;
    let state = row.state.clone();
    let event = Event::PartnerAdded { partner: state.clone(), keys: keys.digest() };
    let logged = Logged::new(at, Actor::Officer(officer.to_owned()), event);
    store.commit(Batch::new(vec![Change::Partner(row)], vec![logged]))?;
    Ok(state)
}

/// An offer that somebody has brought, to be compared by telephone.
#[derive(Clone, Debug, Serialize)]
pub struct OfferView {
    /// The state, by its code.
    pub state: String,
    /// Its name.
    pub name: String,
    /// Where its node takes parcels.
    pub url: String,
    /// What both read aloud.
    pub fingerprint: SpokenFingerprint,
    /// What is known of it already.
    pub known: Known,
}

impl Api {
    /// This node's own offer, for a partner.
    ///
    /// # Errors
    /// Rights, or the node cannot read its certificates.
    pub fn own_offer(&self, caller: &Caller) -> Result<Offer, Error> {
        caller.demand(Operation::OwnOffer)?;
        self.office.offer()
    }

    /// Reads a partner's offer, to be compared; nothing of it is trusted or stored.
    ///
    /// # Errors
    /// It cannot be taken; rights; the store.
    pub fn read_offer(
        &self,
        caller: &Caller,
        text: &str,
        at: Timestamp,
    ) -> Result<OfferView, Error> {
        caller.demand(Operation::MeetPartner)?;
        let offer = Offer::read(text)?;
        let known = known((&self.store, &*self.office), &offer, at)?;
        Ok(OfferView {
            name: crate::partners::name_of(&offer.state),
            fingerprint: offer.fingerprint(),
            state: offer.state,
            url: offer.url,
            known,
        })
    }

    /// Makes a partner known and trusted; `read_aloud` is what its administrator read.
    /// Gives the partner's state.
    ///
    /// # Errors
    /// What was read aloud is not this offer's fingerprint; it cannot be taken; rights.
    pub fn meet_partner(
        &self,
        caller: &Caller,
        (text, read_aloud): (&str, &str),
        at: Timestamp,
    ) -> Result<String, Error> {
        caller.demand(Operation::MeetPartner)?;
        let offer = Offer::read(text)?;
        if !offer.fingerprint().is(read_aloud) {
            return Err(Error::Invalid {
                field: "same",
                text: "The fingerprints differ: this offer was changed on its way, or is not theirs. Nothing was accepted.".into(),
            });
        }
        accept((&self.store, &*self.office), &offer, caller.officer(), at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer() -> Offer {
        Offer {
            protocol: exchange::PROTOCOL,
            state: "TUR".into(),
            url: "https://gateway.example.tr:7442".into(),
            certificate: "00".into(),
            keys: "01".into(),
            log_key: "key".into(),
            authority: "PEM".into(),
        }
    }

    #[test]
    fn what_is_read_aloud_changes_with_every_field() {
        let mut seen = std::collections::BTreeSet::new();
        let changes: [fn(&mut Offer); 8] = [
            |_| {},
            |o| o.protocol += 1,
            |o| o.state = "FRA".into(),
            |o| o.url += "/",
            |o| o.certificate = "01".into(),
            |o| o.keys = "02".into(),
            |o| o.log_key += "2",
            |o| o.authority += "2",
        ];
        for change in changes {
            let mut offer = offer();
            change(&mut offer);
            let spoken = offer.fingerprint();
            assert!(seen.insert(spoken.digits.clone()) && seen.insert(spoken.letters()));
            assert_eq!((spoken.words.len(), spoken.letters().len()), (6, 29));
        }
    }

    #[test]
    fn it_is_the_same_in_digits_in_words_and_in_letters_and_in_nothing_less() {
        let spoken = offer().fingerprint();
        for said in [spoken.digits.clone(), spoken.in_words(), spoken.letters()] {
            assert!(spoken.is(&said) && spoken.is(&said.replace(' ', "-")), "{said}");
            assert!(!spoken.is(&said[..said.len() - 1]), "{said}");
            let swapped: String = said.chars().rev().collect();
            assert!(!spoken.is(&swapped), "{swapped}");
        }
        assert!(!spoken.is(""));
    }

    #[test]
    fn an_offer_is_read_as_it_was_written_and_nothing_else_is_taken() {
        assert_eq!(Offer::read(&offer().to_toml()).ok(), Some(offer()));
        let newer = Offer { protocol: 99, ..offer() };
        assert!(Offer::read(&newer.to_toml()).is_err());
        assert!(Offer::read(&(offer().to_toml() + "more = 1\n")).is_err());
        assert!(Offer::read(&"#".repeat(200_000)).is_err());
    }
}
