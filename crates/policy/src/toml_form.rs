//! The TOML in which people write agreements, and back.
//!
//! The form follows the types of `agreement` word for word. Errors name the line.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use travel::{Country, Dataset, Element, ElementSet, FlightKind};

use crate::{
    Agreement, AgreementError, Direction, Emergency, Mode, Onward, Place, Purpose, Route, Set,
    Term, agreement::MAX_DOCUMENT_BYTES,
};

/// Every kind of flight.
pub(crate) const KINDS: [FlightKind; 4] =
    [FlightKind::Passenger, FlightKind::Cargo, FlightKind::Overflight, FlightKind::MasterCrew];
/// Every dataset.
pub(crate) const DATASETS: [Dataset; 3] = [Dataset::Api, Dataset::Crew, Dataset::Pnr];

/// The name of a dataset in agreements: `api`.
pub fn dataset_name(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Api => "api",
        Dataset::Crew => "crew",
        Dataset::Pnr => "pnr",
    }
}

/// The dataset of that name: `api`.
pub fn dataset_named(name: &str) -> Option<Dataset> {
    DATASETS.into_iter().find(|d| dataset_name(*d) == name)
}

/// The name of a kind of flight in agreements: `passenger`.
pub fn kind_name(kind: FlightKind) -> &'static str {
    match kind {
        FlightKind::Passenger => "passenger",
        FlightKind::Cargo => "cargo",
        FlightKind::Overflight => "overflight",
        FlightKind::MasterCrew => "master_crew",
    }
}

/// The kind of flight of that name: `passenger`.
pub fn kind_named(name: &str) -> Option<FlightKind> {
    KINDS.into_iter().find(|k| kind_name(*k) == name)
}

fn onward_named(name: &str) -> Option<Onward> {
    [Onward::Never, Onward::WithConsent].into_iter().find(|o| o.name() == name)
}

/// A word of the vocabulary; reading one that is not in it names its place.
macro_rules! words {
    ($($wrapper:ident($inner:ty): $what:literal, $read:expr, $write:expr;)*) => { $(
        #[derive(Clone)]
        struct $wrapper($inner);
        impl<'de> Deserialize<'de> for $wrapper {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                let read: fn(&str) -> Option<$inner> = $read;
                read(&text).map($wrapper).ok_or_else(|| {
                    serde::de::Error::custom(format!(concat!($what, ": \"{}\""), text))
                })
            }
        }
        impl Serialize for $wrapper {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                let write: fn(&$inner) -> String = $write;
                s.serialize_str(&write(&self.0))
            }
        }
    )* };
}

words! {
    CountryWord(Country): "not a country code", Country::parse, |c| c.to_string();
    DayWord(Date): "not a day (2026-01-31)", |t| t.parse().ok(), |d| d.to_string();
    PurposeWord(Purpose): "no such purpose", Purpose::named, |p| p.name().to_owned();
    ModeWord(Mode): "no such mode (list, hit, blind, answer, spontaneous)", Mode::named, |m| m.name().to_owned();
    OnwardWord(Onward): "neither never nor with_consent", onward_named, |o| o.name().to_owned();
    KindWord(FlightKind): "no such kind of flight", kind_named, |k| kind_name(*k).to_owned();
    DatasetWord(Dataset): "no such dataset (api, crew, pnr)", dataset_named,
        |d| dataset_name(*d).to_owned();
    ElementWord(Element): "no such element", Element::named, |e| e.name().to_owned();
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AgreementForm {
    title: String,
    parties: [CountryWord; 2],
    legal_basis: String,
    version: u32,
    from: DayWord,
    until: DayWord,
    #[serde(rename = "direction", default)]
    directions: Vec<Spanned<DirectionForm>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectionForm {
    from: CountryWord,
    to: CountryWord,
    purposes: Vec<PurposeWord>,
    retention_days: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    mask_after_days: Option<u32>,
    onward: OnwardWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_before_departure_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emergency: Option<EmergencyForm>,
    #[serde(rename = "term", default)]
    terms: Vec<Spanned<TermForm>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmergencyForm {
    answer_within_minutes: u32,
    justify_within_hours: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TermForm {
    #[serde(default)]
    name: String,
    mode: ModeWord,
    datasets: Vec<DatasetWord>,
    flight_kinds: Vec<KindWord>,
    elements: Vec<ElementWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<DayWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DayWord>,
    routes: Vec<RouteForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    not: Vec<RouteForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteForm {
    from: SetForm,
    to: SetForm,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SetForm {
    Any,
    Airports(Vec<String>),
    Countries(Vec<CountryWord>),
}

impl Agreement {
    /// Reads the TOML form.
    ///
    /// # Errors
    /// [`AgreementError::Toml`] with line and column, or [`AgreementError::Invalid`]
    /// with the line at which the direction or term starts.
    pub fn from_toml(text: &str) -> Result<Self, AgreementError> {
        if text.len() > MAX_DOCUMENT_BYTES {
            return Err(AgreementError::Toml("longer than a megabyte".to_owned()));
        }
        let form: AgreementForm =
            toml::from_str(text).map_err(|e| AgreementError::Toml(e.to_string()))?;
        let lines = Lines::of(text, &form);
        let mut agreement = form.read();
        agreement.sort();
        agreement.validate().map_err(|error| lines.place(error))?;
        Ok(agreement)
    }

    /// The TOML form; reading it again gives the same agreement.
    pub fn to_toml(&self) -> String {
        let mut sorted = self.clone();
        sorted.sort();
        toml::to_string(&AgreementForm::write(&sorted))
            .expect("strings, numbers and tables can always be written")
    }
}

/// On which line each direction and term starts, counted from 1.
struct Lines {
    directions: Vec<(usize, Vec<usize>)>,
}

impl Lines {
    fn of(text: &str, form: &AgreementForm) -> Self {
        let line = |offset: usize| {
            1 + text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count()
        };
        let directions = form.directions.iter().map(|d| {
            let terms = d.get_ref().terms.iter().map(|t| line(t.span().start)).collect();
            (line(d.span().start), terms)
        });
        Self { directions: directions.collect() }
    }

    fn place(&self, error: AgreementError) -> AgreementError {
        let AgreementError::Invalid { place, text, .. } = error else { return error };
        let line = self.line(place);
        AgreementError::Invalid { line, place, text }
    }

    fn line(&self, place: Place) -> Option<usize> {
        let (direction, terms) = self.directions.get(place.direction?)?;
        place.term.and_then(|t| terms.get(t).copied()).or(Some(*direction))
    }
}

impl AgreementForm {
    fn read(self) -> Agreement {
        let [a, b] = self.parties;
        Agreement {
            title: self.title,
            parties: [a.0, b.0],
            legal_basis: self.legal_basis,
            version: self.version,
            from: self.from.0,
            until: self.until.0,
            directions: self.directions.into_iter().map(|d| d.into_inner().read()).collect(),
        }
    }

    fn write(agreement: &Agreement) -> Self {
        Self {
            title: agreement.title.clone(),
            parties: agreement.parties.map(CountryWord),
            legal_basis: agreement.legal_basis.clone(),
            version: agreement.version,
            from: DayWord(agreement.from),
            until: DayWord(agreement.until),
            directions: agreement.directions.iter().map(DirectionForm::write).collect(),
        }
    }
}

impl DirectionForm {
    fn read(self) -> Direction {
        Direction {
            from: self.from.0,
            to: self.to.0,
            terms: self.terms.into_iter().map(|t| t.into_inner().read()).collect(),
            purposes: self.purposes.into_iter().map(|p| p.0).collect(),
            retention_days: self.retention_days,
            mask_after_days: self.mask_after_days,
            onward: self.onward.0,
            latest_before_departure_minutes: self.latest_before_departure_minutes,
            emergency: self.emergency.map(|e| Emergency {
                answer_within_minutes: e.answer_within_minutes,
                justify_within_hours: e.justify_within_hours,
            }),
        }
    }

    fn write(d: &Direction) -> Spanned<Self> {
        let form = Self {
            from: CountryWord(d.from),
            to: CountryWord(d.to),
            purposes: d.purposes.iter().copied().map(PurposeWord).collect(),
            retention_days: d.retention_days,
            mask_after_days: d.mask_after_days,
            onward: OnwardWord(d.onward),
            latest_before_departure_minutes: d.latest_before_departure_minutes,
            emergency: d.emergency.map(|e| EmergencyForm {
                answer_within_minutes: e.answer_within_minutes,
                justify_within_hours: e.justify_within_hours,
            }),
            terms: d.terms.iter().map(TermForm::write).collect(),
        };
        Spanned::new(0..0, form)
    }
}

impl TermForm {
    fn read(self) -> Term {
        Term {
            name: self.name,
            routes: self.routes.into_iter().map(RouteForm::read).collect(),
            not: self.not.into_iter().map(RouteForm::read).collect(),
            flight_kinds: self.flight_kinds.into_iter().map(|k| k.0).collect(),
            datasets: self.datasets.into_iter().map(|d| d.0).collect(),
            mode: self.mode.0,
            elements: self.elements.into_iter().map(|e| e.0).collect::<ElementSet>(),
            from: self.from.map(|d| d.0),
            until: self.until.map(|d| d.0),
        }
    }

    fn write(t: &Term) -> Spanned<Self> {
        let form = Self {
            name: t.name.clone(),
            mode: ModeWord(t.mode),
            datasets: t.datasets.iter().copied().map(DatasetWord).collect(),
            flight_kinds: t.flight_kinds.iter().copied().map(KindWord).collect(),
            elements: t.elements.iter().map(ElementWord).collect(),
            from: t.from.map(DayWord),
            until: t.until.map(DayWord),
            routes: t.routes.iter().map(RouteForm::write).collect(),
            not: t.not.iter().map(RouteForm::write).collect(),
        };
        Spanned::new(0..0, form)
    }
}

impl RouteForm {
    fn read(self) -> Route {
        Route { from: self.from.read(), to: self.to.read() }
    }

    fn write(route: &Route) -> Self {
        Self { from: SetForm::write(&route.from), to: SetForm::write(&route.to) }
    }
}

impl SetForm {
    fn read(self) -> Set {
        match self {
            SetForm::Any => Set::Any,
            SetForm::Airports(codes) => Set::Airports(codes),
            SetForm::Countries(codes) => Set::Countries(codes.into_iter().map(|c| c.0).collect()),
        }
    }

    fn write(set: &Set) -> Self {
        match set {
            Set::Any => SetForm::Any,
            Set::Airports(codes) => SetForm::Airports(codes.clone()),
            Set::Countries(codes) => {
                SetForm::Countries(codes.iter().copied().map(CountryWord).collect())
            }
        }
    }
}
