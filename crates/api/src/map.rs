//! Who exchanges what with whom, as far as this node knows: its partners, what its
//! agreements let go each way, and how the streams stand.

use std::collections::HashMap;

use jiff::Timestamp;
use policy::{Agreement, SignedAgreement};
use serde::Serialize;
use store::rows::{AgreementRow, Partner};
use travel::Country;

use crate::{
    Api, Caller, Error, Operation,
    queries::{self, StreamTotals},
};

/// What goes one way between this state and a partner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Way {
    /// `list`, `hit`: what the agreement lets go.
    pub modes: Vec<&'static str>,
    /// Parcels so far.
    pub parcels: u64,
    /// Those that wait for a receipt; only on the way out.
    pub waiting: u64,
    /// The last receipt, or the last parcel taken.
    pub last_at: Option<Timestamp>,
    /// Why nothing more is taken, when the stream was stopped; only on the way in.
    pub stopped: Option<String>,
}

/// A partner on the map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MapPartner {
    /// ICAO code.
    pub state: String,
    /// Its name.
    pub name: String,
    /// Whether anything is sent or taken at all.
    pub enabled: bool,
    /// The agreement that holds, hexadecimal.
    pub agreement: Option<String>,
    /// Who suspended it.
    pub suspended_by: Option<String>,
    /// What goes out.
    pub out: Way,
    /// What comes in.
    pub inc: Way,
}

impl Api {
    /// Every partner, with what goes each way.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn map(&self, caller: &Caller) -> Result<Vec<MapPartner>, Error> {
        caller.demand(Operation::Partners)?;
        let (out, inc) = (queries::outgoing(&self.store)?, queries::incoming(&self.store)?);
        let agreements = self.store.agreements()?;
        let streams = queries::streams_in(&self.store)?;
        let partners = self.store.partners()?.into_iter();
        partners.map(|p| self.on_map(p, (&agreements, &streams), (&out, &inc))).collect()
    }

    fn on_map(
        &self,
        p: Partner,
        (agreements, streams): (&[AgreementRow], &HashMap<String, Option<String>>),
        (out, inc): (&[StreamTotals], &[StreamTotals]),
    ) -> Result<MapPartner, Error> {
        let stands = |a: &&AgreementRow| {
            a.partner == p.state && matches!(a.status.as_str(), "in_force" | "suspended")
        };
        let row = agreements.iter().find(stands);
        let document = match row {
            Some(row) => Some(document(row)?),
            None => None,
        };
        let (us, them) = (self.state(), Country::parse(&p.state));
        let modes = |from: Option<Country>, to: Option<Country>| match (&document, from, to) {
            (Some(document), Some(from), Some(to)) => modes(document, from, to),
            _ => Vec::new(),
        };
        let mut there = way(out, &p.state, modes(Some(us), them));
        let mut here = way(inc, &p.state, modes(them, Some(us)));
        // What an incoming stream has waiting is known to the partner alone.
        here.waiting = 0;
        there.stopped = None;
        for a in agreements.iter().filter(|a| a.partner == p.state) {
            here.stopped = here.stopped.or_else(|| streams.get(&a.id)?.clone());
        }
        let suspended_by = row.filter(|a| a.status == "suspended");
        Ok(MapPartner {
            agreement: row.map(|a| a.id.clone()),
            suspended_by: suspended_by.map(|a| a.suspended_by.clone().unwrap_or_default()),
            state: p.state,
            name: p.name,
            enabled: p.enabled,
            out: there,
            inc: here,
        })
    }
}

fn document(row: &AgreementRow) -> Result<Agreement, Error> {
    let read =
        |e: &dyn std::fmt::Display| Error::Ours(format!("a stored agreement cannot be read: {e}"));
    let signed = SignedAgreement::from_cbor(&row.signed).map_err(|e| read(&e))?;
    signed.agreement().map_err(|e| read(&e))
}

fn modes(document: &Agreement, from: Country, to: Country) -> Vec<&'static str> {
    let terms = document.direction(from, to).map_or(&[][..], |d| &d.terms);
    let mut modes: Vec<&'static str> = terms.iter().map(|t| t.mode.name()).collect();
    // Whole lists first.
    modes.sort_by_key(|m| (*m != "list", *m));
    modes.dedup();
    modes
}

/// All streams of one direction with a partner: an agreement that has ended had its own.
fn way(totals: &[StreamTotals], partner: &str, modes: Vec<&'static str>) -> Way {
    let mut way = Way { modes, ..Way::default() };
    for t in totals.iter().filter(|t| t.partner == partner) {
        way.parcels += t.parcels;
        way.waiting += t.pending;
        way.last_at = way.last_at.max(t.last_at);
    }
    way
}
