//! One request, as Cedar sees it.

use std::str::FromStr;

use anyhow::{Context as _, Result, anyhow};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, EvalResult,
    PolicySet, Request, RestrictedExpression, Schema,
};

use crate::Vocabulary;

/// What a request says; the attributes of `policy::cedar::schema`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The sender's code.
    pub from: String,
    /// The receiver's.
    pub to: String,
    /// The legs, one to three: each end an airport's code and its state's.
    pub legs: Vec<[(String, String); 2]>,
    /// The kind of flight.
    pub kind: String,
    /// The dataset.
    pub dataset: String,
    /// In which form.
    pub mode: String,
    /// For what.
    pub purpose: String,
    /// Which element.
    pub element: String,
    /// When, as `policy::cedar::day_number` counts.
    pub day: i64,
    /// Days after receipt on which the receiver still has it.
    pub kept: i64,
    /// Days after receipt on which identity still shows.
    pub shown: i64,
    /// Whether the receiver passes it on.
    pub passed_on: bool,
    /// Who sent it, where that was not a carrier.
    pub origin: Option<String>,
    /// Whether that state consents.
    pub origin_consents: bool,
    /// Whether the record is masked.
    pub masked: bool,
    /// Whether the hit was upheld.
    pub reviewed: bool,
    /// Whether the record holds sensitive data.
    pub sensitive: bool,
}

fn uid(of: &str, id: &str) -> Result<EntityUid> {
    let name = EntityTypeName::from_str(of).map_err(|e| anyhow!("{e}"))?;
    Ok(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
}

fn entity(of: &str, id: &str) -> Result<RestrictedExpression> {
    Ok(RestrictedExpression::new_entity_uid(uid(of, id)?))
}

fn leg(ends: &[(String, String); 2]) -> Result<RestrictedExpression> {
    let stop = |(airport, state): &(String, String)| {
        let pairs = [
            ("airport".to_owned(), entity("Airport", airport)?),
            ("state".to_owned(), entity("State", state)?),
        ];
        Ok::<_, anyhow::Error>(RestrictedExpression::new_record(pairs)?)
    };
    let [from, to] = ends;
    let pairs = [("from".to_owned(), stop(from)?), ("to".to_owned(), stop(to)?)];
    Ok(RestrictedExpression::new_record(pairs)?)
}

impl Asked {
    /// Whether these policies allow it.
    ///
    /// # Errors
    /// It does not fit the schema, or a policy fails on it.
    pub fn allowed(&self, vocabulary: &Vocabulary, policies: &PolicySet) -> Result<bool> {
        let response = Authorizer::new().is_authorized(
            &self.request(&vocabulary.schema)?,
            policies,
            &Entities::empty(),
        );
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(anyhow!("a policy fails: {error}"));
        }
        Ok(response.decision() == Decision::Allow)
    }

    pub(crate) fn request(&self, schema: &Schema) -> Result<Request> {
        let mut pairs = vec![
            ("kind", entity("Kind", &self.kind)?),
            ("dataset", entity("Dataset", &self.dataset)?),
            ("mode", entity("Mode", &self.mode)?),
            ("purpose", entity("Purpose", &self.purpose)?),
            ("element", entity("Element", &self.element)?),
            ("day", RestrictedExpression::new_long(self.day)),
            ("kept", RestrictedExpression::new_long(self.kept)),
            ("shown", RestrictedExpression::new_long(self.shown)),
            ("passed_on", RestrictedExpression::new_bool(self.passed_on)),
            ("origin_consents", RestrictedExpression::new_bool(self.origin_consents)),
            ("masked", RestrictedExpression::new_bool(self.masked)),
            ("reviewed", RestrictedExpression::new_bool(self.reviewed)),
            ("sensitive", RestrictedExpression::new_bool(self.sensitive)),
        ];
        for (name, ends) in ["leg1", "leg2", "leg3"].into_iter().zip(&self.legs) {
            pairs.push((name, leg(ends)?));
        }
        if let Some(origin) = &self.origin {
            pairs.push(("origin", entity("State", origin)?));
        }
        let context = Context::from_pairs(pairs.into_iter().map(|(n, v)| (n.to_owned(), v)))?;
        let (from, to) = (uid("State", &self.from)?, uid("State", &self.to)?);
        Ok(Request::new(from, uid("Action", "send")?, to, context, Some(schema))?)
    }

    /// Reads what the solver made up.
    pub(crate) fn read(request: &Request) -> Result<Self> {
        let id = |uid: Option<&EntityUid>| {
            uid.map(|u| u.id().unescaped().to_owned()).context("the solver names no state")
        };
        let context = request.context().context("the solver gives no context")?;
        let value = |name: &str| context.get(name);
        let long = |name: &str| match value(name) {
            Some(EvalResult::Long(n)) => Ok(n),
            _ => Err(anyhow!("the solver gives no {name}")),
        };
        let truth = |name: &str| match value(name) {
            Some(EvalResult::Bool(b)) => Ok(b),
            _ => Err(anyhow!("the solver gives no {name}")),
        };
        let word = |name: &str| match value(name) {
            Some(EvalResult::EntityUid(uid)) => Ok(uid.id().unescaped().to_owned()),
            _ => Err(anyhow!("the solver gives no {name}")),
        };
        let legs = ["leg1", "leg2", "leg3"].into_iter().map_while(value).map(|v| read_leg(&v));
        Ok(Self {
            from: id(request.principal())?,
            to: id(request.resource())?,
            legs: legs.collect::<Result<_>>()?,
            kind: word("kind")?,
            dataset: word("dataset")?,
            mode: word("mode")?,
            purpose: word("purpose")?,
            element: word("element")?,
            day: long("day")?,
            kept: long("kept")?,
            shown: long("shown")?,
            passed_on: truth("passed_on")?,
            origin: word("origin").ok(),
            origin_consents: truth("origin_consents")?,
            masked: truth("masked")?,
            reviewed: truth("reviewed")?,
            sensitive: truth("sensitive")?,
        })
    }
}

fn read_leg(leg: &EvalResult) -> Result<[(String, String); 2]> {
    let field = |of: &EvalResult, name: &str| match of {
        EvalResult::Record(record) => {
            record.get(name).cloned().with_context(|| format!("a leg without {name}"))
        }
        _ => Err(anyhow!("a leg that is no record")),
    };
    let text = |of: &EvalResult, name: &str| match field(of, name)? {
        EvalResult::EntityUid(uid) => Ok(uid.id().unescaped().to_owned()),
        _ => Err(anyhow!("a {name} that is no entity")),
    };
    let stop = |name: &str| {
        let stop = field(leg, name)?;
        Ok::<_, anyhow::Error>((text(&stop, "airport")?, text(&stop, "state")?))
    };
    Ok([stop("from")?, stop("to")?])
}
