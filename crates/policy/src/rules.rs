//! Every rule that can decide, by id, with its sentence.
//!
//! Ids are those of `docs/law.md` (from the research on law, §1): `EU` Directive
//! 2016/681, `CJ` Court of Justice C-817/19, `UK` EU–UK agreement and SI 2018/598,
//! `US` EU–US agreement of 2012, `IC` ICAO Annex 9, `DF` what holds where a state has set nothing, `AG` what the
//! agreements themselves say.

use std::fmt;

/// A rule of law or of an agreement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// What it says.
    pub sentence: &'static str,
}

/// The id of a rule in [`RULES`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(&'static str);

impl RuleId {
    /// The rule of that id.
    ///
    /// ```
    /// use policy::RuleId;
    /// let rule = RuleId::named("AG-02").unwrap();
    /// assert_eq!(rule.sentence(), "No term of the agreement covers this route.");
    /// assert!(RuleId::named("XX-99").is_none());
    /// ```
    pub fn named(id: &str) -> Option<RuleId> {
        RULES.iter().find(|r| r.id.0 == id).map(|r| r.id)
    }

    /// The id as text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// What it says.
    pub fn sentence(self) -> &'static str {
        RULES.iter().find(|r| r.id == self).map_or("", |r| r.sentence)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! rules {
    ($($name:ident $id:literal $sentence:literal;)*) => {
        $(pub(crate) const $name: RuleId = RuleId($id);)*
        /// Every rule, in the order of ids within their source.
        pub const RULES: &[Rule] = &[$(Rule { id: $name, sentence: $sentence }),*];
    };
}

rules! {
    AG_01 "AG-01" "No agreement lets this state send to that one.";
    AG_02 "AG-02" "No term of the agreement covers this route.";
    AG_03 "AG-03" "The agreement covers this flight, but not in this mode.";
    AG_04 "AG-04" "The agreement is not yet, or no longer, in force.";
    AG_05 "AG-05" "The agreement is suspended by one of its parties.";
    AG_06 "AG-06" "The agreement does not name this purpose.";
    AG_07 "AG-07" "The agreement does not cover this dataset.";
    AG_08 "AG-08" "The agreement does not cover this kind of flight.";
    AG_09 "AG-09" "Nothing of what was asked for is both agreed and lawful.";
    AG_10 "AG-10" "Only the elements that the agreement names may go.";
    AG_11 "AG-11" "The agreement says how long the receiver may keep it.";
    AG_12 "AG-12" "The agreement says when the receiver must mask it.";
    AG_13 "AG-13" "The agreement under which it was received forbids passing it on.";
    AG_14 "AG-14" "What went under an agreement can be withdrawn or erased under it, for as long as it may still be held.";
    AG_15 "AG-15" "Who may be answered under an agreement may ask, for a purpose that it names; an officer of the asked state decides.";
    AG_16 "AG-16" "An emergency request needs an agreement that knows emergencies, and is justified within the time that it sets.";
    EU_01 "EU-01" "PNR data serve only against terrorist offences and serious crime (Dir. 2016/681 art. 1(2)).";
    EU_04 "EU-04" "Elements outside Annex I are not kept (art. 6(1)).";
    EU_08 "EU-08" "Every automated match is reviewed by a person before anything is done about it (art. 6(5)).";
    EU_17 "EU-17" "Masked data are not exchanged unless the full record was approved for release (art. 9(2), 12(3)).";
    EU_22 "EU-22" "Data from another state go on only with that state's consent (art. 11(2)).";
    EU_24 "EU-24" "PNR data are kept for five years at most (art. 12(1)).";
    EU_25 "EU-25" "After six months what shows the identity is masked (art. 12(2)).";
    EU_30 "EU-30" "Data that reveal race, belief, health or sexual life are never processed (art. 13(4)).";
    CJ_01 "CJ-01" "The headings of Annex I are a closed list and are read narrowly (C-817/19).";
    CJ_02 "CJ-02" "Only crime with a link to carriage by air; not border control (C-817/19).";
    CJ_06 "CJ-06" "Nothing is transmitted if the reviewer finds no reasonable suspicion (C-817/19).";
    CJ_08 "CJ-08" "After six months only those are kept about whom there is objective evidence (C-817/19).";
    UK_01 "UK-01" "PNR data serve against terrorism and serious crime, exceptionally to protect life (TCA art. 544).";
    UK_02 "UK-02" "Flights to, from or via a member state, and data received from one, are under the EU–UK agreement.";
    UK_03 "UK-03" "Special categories of data are deleted and not used (TCA art. 548).";
    UK_07 "UK-07" "No decision against a person rests on automated processing alone (TCA art. 551).";
    UK_08 "UK-08" "Kept for five years at most, masked at six months (TCA art. 552).";
    UK_09 "UK-09" "Who has left the United Kingdom is deleted, unless there is a ground to keep them (TCA art. 552(4)).";
    UK_13 "UK-13" "Disclosed case by case, the least that is needed, with comparable safeguards (TCA art. 555, 556).";
    UK_16 "UK-16" "Other data than PNR are deleted on receipt (SI 2018/598 reg. 6(1)).";
    UK_19 "UK-19" "PNR not from the EU is kept for five years, then deleted for good (SI 2018/598 reg. 13(1B)).";
    UK_21 "UK-21" "Identity is masked six months after the transfer (SI 2018/598 reg. 13(2)).";
    US_01 "US-01" "Five years in the active database, masked after six months (EU-US agreement of 2012, art. 8(1)).";
    US_02 "US-02" "Masked are names, contacts, remarks and passenger information; not payment and frequent flyer (art. 8(2)).";
    US_03 "US-03" "After that, dormant for up to ten years, opened only for an identifiable case (art. 8(3)).";
    US_04 "US-04" "After fifteen years nobody can be told from it any more (art. 8(4)).";
    US_06 "US-06" "Sensitive data are filtered, masked and deleted (art. 6).";
    US_09 "US-09" "Passed on case by case, and the state of origin is told (art. 16, 17).";
    US_11 "US-11" "Used against terrorism and transnational crime punishable by three years or more (art. 4).";
    US_12 "US-12" "Only the nineteen types of data that the agreement lists (annex).";
    IC_05 "IC-05" "The law names the elements and the purposes, no wider than needed (Annex 9, 9.25).";
    IC_08 "IC-08" "No decision that significantly harms a person rests on a machine alone (Annex 9, 9.28).";
    IC_10 "IC-10" "Sensitive data are not used and are deleted (Annex 9, 9.30).";
    IC_12 "IC-12" "Kept for five years at most; depersonalised at six months (Annex 9, 9.32).";
    DF_01 "DF-01" "Used for the purposes that the state has named.";
    DF_02 "DF-02" "Only elements that the state has named are kept and sent.";
    DF_03 "DF-03" "Where no law sets a period, a record is kept for six months.";
    DF_04 "DF-04" "What came from another state goes on only with its consent.";
    DF_05 "DF-05" "Nothing about single persons goes anywhere until an officer has decided so; a hit is upheld first.";
    DF_06 "DF-06" "Sensitive data are neither kept nor sent.";
    DF_07 "DF-07" "Masked data are not sent.";
    DF_08 "DF-08" "Where no law sets a period, identity is masked after one month.";
    DF_09 "DF-09" "What was no list for this state is kept for one month, to help its sender, and goes.";
}
