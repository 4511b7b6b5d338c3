//! What no criterion may be made of, and by which rule.
//!
//! EU-07 names race and ethnic origin, political opinion, religion and belief, membership of
//! a union, health, sexual life and orientation; CJ-05 forbids indirect discrimination as
//! well, and with it what stands in for those: nationality, sex, names, a place of birth, a
//! meal. None of it is a fact here; the table is there so that an author is told why.

/// Words that an author might use, and what is protected by refusing them.
pub(super) const PROTECTED: &[(&[&str], &str, &str)] = &[
    (&["race", "ethnicity", "ethnic_origin", "skin", "colour"], "ethnic origin", "EU-07"),
    (&["religion", "belief", "faith"], "religion", "EU-07"),
    (&["politics", "political_opinion", "party"], "political opinion", "EU-07"),
    (&["union", "trade_union"], "membership of a union", "EU-07"),
    (&["health", "disability", "assistance", "wheelchair", "medical"], "health", "EU-07"),
    (&["orientation", "sexual_orientation", "sex_life"], "sexual life and orientation", "EU-07"),
    (&["meal", "diet", "ssr"], "religion and health, which a meal gives away", "CJ-05"),
    (&["sex", "gender"], "sex", "CJ-05"),
    (
        &["nationality", "citizenship", "issuer", "document_issuer", "residence", "birth_place"],
        "national and ethnic origin",
        "CJ-05",
    ),
    (
        &["name", "names", "surname", "given", "given_name", "language"],
        "ethnic origin, for which names and languages stand in",
        "CJ-05",
    ),
    (&["age", "birth_date", "born"], "age; `minor` is there to protect children", "CJ-05"),
];

/// What is protected, and the rule, when the word is one of a protected attribute.
pub(super) fn protected(word: &str) -> Option<(&'static str, &'static str)> {
    let word = word.to_ascii_lowercase();
    let last = word.rsplit('.').next().unwrap_or_default();
    PROTECTED
        .iter()
        .find(|(words, _, _)| words.contains(&last))
        .map(|(_, what, rule)| (*what, *rule))
}
