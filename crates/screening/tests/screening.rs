//! Travellers against small lists: text in, text out.
#![allow(clippy::unwrap_used)]

use expect_test::{Expect, expect};
use screening::{
    Band, Candidate, Feature, Hit, Index, OfficerId, Reason, Reviewed, Thresholds, Upholding,
    read_list, screen, screen_one,
};
use travel::{
    Admission, Country, DocumentKind, ElementSet, Flight, PartialDate, PassengerList, Report, Sex,
    TravelDocument, Traveller,
};

const LIST: &str = "id,name,alias,birth_date,sex,nationality,documents,reason
1,Ayman al-Testovi,Aiman Attestovi|أيمن,1961-06-19,M,UTO,PASSPORT:UTO:X1084010,made up
2,Grigori Examplov Ivanovich,?Grisha,1975,M,UTO,,made up
3,Maria de la Specimen Lopez,,1980-05-17,F,UTO,,made up
";

fn index() -> Index {
    let (list, findings) = read_list("own", "1", LIST.as_bytes()).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    Index::build(vec![list])
}

/// `SURNAME/GIVEN born sex document`, with `-` for what is not known.
fn traveller(text: &str) -> Traveller {
    let mut words = text.rsplitn(4, ' ');
    let (document, sex, born) =
        (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
    let (surname, given) = words.next().unwrap().split_once('/').unwrap();
    let number = (document != "-").then(|| TravelDocument {
        kind: DocumentKind::Passport,
        number: document.into(),
        issuer: Country::parse("UTO"),
        expires: None,
        issued: None,
    });
    Traveller {
        surname: surname.into(),
        given: given.into(),
        birth_date: PartialDate::parse(born),
        sex: if sex == "F" { Sex::Female } else { Sex::Male },
        documents: number.into_iter().collect(),
        ..Traveller::default()
    }
}

fn hits(text: &str) -> Vec<Hit> {
    let report = Report {
        flights: vec![Flight { carrier: "TK".into(), number: "1".into(), ..Flight::default() }],
        travellers: vec![traveller(text)],
        ..Report::default()
    };
    let admission = Admission {
        state: Country::new("GBR"),
        permitted: ElementSet::ALL,
        received_at: jiff::Timestamp::UNIX_EPOCH,
        must_touch: false,
    };
    screen(&PassengerList::admit(report, &admission).unwrap(), &index()).hits
}

fn check(text: &str, expected: Expect) {
    let mut out = String::new();
    for hit in hits(text) {
        out += &format!("{} {}\n", hit.band.name(), hit.entry.id);
        for e in &hit.evidence {
            out += &format!(
                "  {} | {} | {}\n",
                e.feature,
                e.relation,
                if e.nats < 0.0 { "-" } else { "+" }
            );
        }
    }
    expected.assert_eq(&out);
}

#[test]
fn a_name_written_apart_or_together_is_the_same_name() {
    for text in [
        "ALTESTOVI/AYMAN 1961-06-19 M -",
        "AL TESTOVI/AYMAN 1961-06-19 M -",
        "TESTOVI/AYMANMR 1961-06-19 M -",
        "AYMAN/TESTOVI 1961-06-19 M -",
        "TESTOVI/AIMAN 1961-06-19 M -",
    ] {
        let found = hits(text);
        assert_eq!(found.first().map(|h| h.band), Some(Band::Hit), "{text}");
    }
}

#[test]
fn each_line_of_the_ledger_says_what_was_compared() {
    check(
        "EXAMPLOV/GRIGORY 1975-03-02 M -",
        expect![[r#"
            possible 2
              name | same | +
              name | same name, other spelling | +
              names that go together | names that often go together | -
              name not in the booking | not in the booking | -
              birth date | same year, the rest is not known | +
              sex | same | +
        "#]],
    );
}

#[test]
fn without_a_birth_date_a_band_lower() {
    let with = hits("DE LA SPECIMEN LOPEZ/MARIA 1980-05-17 F -");
    let without = hits("DE LA SPECIMEN LOPEZ/MARIA - F -");
    assert_eq!(with[0].band, Band::Hit);
    assert!(without[0].band < Band::Hit);
}

#[test]
fn a_year_alone_confirms_a_hit_and_never_makes_one() {
    let band = |text| hits(text).first().map(|h| (h.entry.id.clone(), h.band));
    assert_eq!(band("EXAMPLOV/GRIGORI 1975 M -"), Some(("2".to_owned(), Band::Possible)));
    // On a name so rare that it would be a hit without the year.
    let rare = "EXAMPLOV IVANOVICH/GRIGORI 1975 M -";
    let found = hits(rare).remove(0);
    let born: f64 =
        found.evidence.iter().filter(|e| e.feature == Feature::BirthDate).map(|e| e.nats).sum();
    assert!(found.nats - born >= screening::weights::HIT, "{:?}", found.evidence);
    assert_eq!(found.band, Band::Hit);
}

#[test]
fn a_document_alone_alerts_and_alone_can_be_nearly_certain() {
    let found = hits("NOBODY/ELSE 1990-01-02 M X1084010");
    assert_eq!(found.len(), 1);
    assert!(found[0].band >= Band::Possible);
    let both = hits("TESTOVI/AYMAN 1961-06-19 M X1084010");
    assert!(both[0].probability > 0.99 && both[0].probability < 1.0);
    let name_alone = hits("TESTOVI/AYMAN 1961-06-19 M -");
    assert!(name_alone[0].probability <= 0.99);
}

#[test]
fn somebody_else_of_another_age_is_nobody() {
    check("SMITH/JOHN 1970-01-02 M -", expect![""]);
    check("SPECIMEN/KAREN 1955-10-30 F -", expect![""]);
}

#[test]
fn the_score_is_the_sum_of_its_ledger() {
    for hit in hits("TESTOVI/AIMAN 1961-19-06 M X1084010") {
        let sum: f64 = hit.evidence.iter().map(|e| e.nats).sum();
        assert!((sum - hit.nats).abs() < 1e-9);
        assert_eq!(Hit::decode(&hit.encode()).unwrap(), hit);
    }
}

#[test]
fn the_highest_band_needs_two_different_officers() {
    let hit = hits("TESTOVI/AYMAN 1961-06-19 M -").remove(0);
    let why = || Reason::new("same person").unwrap();
    let at = jiff::Timestamp::UNIX_EPOCH;
    let (one, two) = (OfficerId("one".into()), OfficerId("two".into()));
    let Upholding::NeedsSecond(half) = hit.clone().uphold(one.clone(), why(), at) else {
        panic!("one officer was enough");
    };
    assert!(half.confirm(one.clone(), why(), at).is_err());
    let Upholding::NeedsSecond(half) = hit.uphold(one, why(), at) else { unreachable!() };
    assert_eq!(half.confirm(two, why(), at).unwrap().decisions().len(), 2);
}

#[test]
fn decisions_that_cannot_have_been_made_do_not_replay() {
    use screening::{Decision, Verdict};
    let hit = hits("TESTOVI/AYMAN 1961-06-19 M -").remove(0);
    let said = |officer: &str, verdict| Decision {
        officer: OfficerId(officer.into()),
        verdict,
        reason: "why".into(),
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    let twice = [said("one", Verdict::Uphold), said("one", Verdict::Uphold)];
    assert!(hit.clone().replay(&twice).is_err());
    let after = [said("one", Verdict::Dismiss), said("two", Verdict::Uphold)];
    assert!(hit.clone().replay(&after).is_err());
    let both = [said("one", Verdict::Uphold), said("two", Verdict::Uphold)];
    assert!(matches!(hit.replay(&both), Ok(Reviewed::Upheld(_))));
}

#[test]
fn a_reason_is_something_and_no_book() {
    assert!(Reason::new("  ").is_err());
    assert!(Reason::new(&"x".repeat(2001)).is_err());
    assert_eq!(Reason::new(" because ").unwrap().text(), "because");
}

/// A traveller of this name, born on that day, against one entry.
fn against(name: &str, state: &str, (entry, born): (&str, &str)) -> Hit {
    let head = LIST.lines().next().unwrap();
    let text = format!("{head}\n1,{entry},,{born},M,,,made up\n");
    let (list, _) = read_list("own", "1", text.as_bytes()).unwrap();
    let who = Traveller {
        nationality: Country::parse(state),
        ..traveller(&format!("{name} {born} M -"))
    };
    screen_one(&Candidate::of(&who), &list.entries[0], ("own", "1"))
}

#[test]
fn names_common_on_lists_take_more_for_a_band_and_score_the_same() {
    let often = against("HASSAN/MOHAMED MAHMOUD", "EGY", ("Mohamed Mahmoud Hassan", "1970-03-04"));
    let seldom = against("DE VRIES/DAAN", "NLD", ("Daan de Vries", "1970-03-04"));
    assert!(often.allowance > 1.0 && often.standing() < often.nats, "{}", often.allowance);
    assert!(seldom.allowance < -1.0 && seldom.standing() > seldom.nats, "{}", seldom.allowance);
    for hit in [often, seldom] {
        let sum: f64 = hit.evidence.iter().map(|e| e.nats).sum();
        assert!((sum - hit.nats).abs() < 1e-6, "the score is the ledger's");
        assert_eq!(Thresholds::default().band(&hit), hit.band, "read back from the ledger");
        // At a threshold between the evidence and where it stands, the standing decides.
        let between = f64::midpoint(hit.standing(), hit.nats);
        let set = Thresholds::new(between, between).unwrap();
        let reaches = hit.standing() >= between;
        assert_eq!(set.band(&hit) > Band::Silent, reaches);
    }
}

#[test]
fn a_byname_of_the_same_birthday_is_not_held_against_other_names() {
    let entry = ("Tarek Maaroufi", "1965-11-23");
    let byname = against("ABOU ISMAIL EL JENDOUBI/TESTOVI", "UTO", entry);
    let other = against("ISMAIL EL JENDOUBI/TESTOVI", "UTO", entry);
    assert!(byname.nats > other.nats + 3.0, "{} and {}", byname.nats, other.nats);
    // By itself it is too little to be noted.
    assert!(byname.nats < screening::weights::SILENT);
    let another_day = against("ABOU ISMAIL/TESTOVI", "UTO", ("Tarek Maaroufi", "1965"));
    assert!(another_day.nats < other.nats, "{}", another_day.nats);
}
