//! The map of the exchange: this state in the middle, its partners around it, and between
//! them what goes each way. Drawn here as SVG; a table below says the same in words. Whoever
//! wants it live is given a page that asks for itself again every few seconds, without a
//! script, and stops after a while: a page that moves by itself is not for everybody, and one
//! that nobody looks at must not keep its session from ending.

use std::f64::consts::TAU;

use api::{MapPartner, Way};
use askama::Template;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    frame::{Frame, Section},
    visit::{Asked, Shown, Visit, html},
};

/// The drawing in its own units.
const MIDDLE: (f64, f64) = (430.0, 330.0);
const RADIUS: f64 = 255.0;
/// How far from its end a line keeps.
const FROM_MIDDLE: f64 = 48.0;
const FROM_PARTNER: f64 = 34.0;
/// Half of the room between the two lines of a partner.
const APART: f64 = 5.0;
/// So often a live page asks for itself again: ten minutes.
const TIMES: u32 = 60;

/// One line, with its tip.
#[derive(Debug)]
pub struct Line {
    /// Where it goes, as an SVG path.
    pub path: String,
    /// Its arrow tip.
    pub tip: String,
    /// Classes of the style sheet: `list`, `hit` or `none`, and how it stands.
    pub class: String,
    /// In units of the drawing, by how much has gone.
    pub width: String,
    /// A mark on its middle when it does not go, with where that is.
    pub mark: Option<(String, String, &'static str)>,
    /// The same in words.
    pub words: String,
}

/// A partner with its place.
#[derive(Debug)]
pub struct Spot {
    pub partner: MapPartner,
    pub x: String,
    pub y: String,
    /// Out and in.
    pub lines: [Line; 2],
    /// When something last went either way.
    pub last_at: Option<Timestamp>,
}

#[derive(Template)]
#[template(path = "map.html")]
struct Map {
    frame: Frame,
    now: Timestamp,
    spots: Vec<Spot>,
    /// How often it asks for itself again.
    again: u32,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Live {
    again: u32,
}

/// Who exchanges what with whom.
pub async fn map(visit: Visit, Asked(asked): Asked<Live>) -> Shown {
    let partners = visit.ask(|api, caller, _| api.map(caller)).await?;
    let frame = visit
        .frame("Map of the exchange", Some(Section::Partners))
        .under(&[("Partners", "/partners")]);
    let again = asked.again.min(TIMES);
    Ok(html(StatusCode::OK, &Map { frame, now: visit.at, spots: spots(partners), again }))
}

fn spots(partners: Vec<MapPartner>) -> Vec<Spot> {
    let all = partners.len() as f64;
    let spot = |(i, partner): (usize, MapPartner)| {
        // The first is at the top, the others follow clockwise.
        let (sin, cos) = (TAU * i as f64 / all).sin_cos();
        let toward = (sin, -cos);
        let at = (MIDDLE.0 + RADIUS * toward.0, MIDDLE.1 + RADIUS * toward.1);
        Spot {
            lines: [true, false].map(|outgoing| line(&partner, outgoing, toward)),
            x: number(at.0),
            y: number(at.1),
            last_at: partner.out.last_at.max(partner.inc.last_at),
            partner,
        }
    };
    partners.into_iter().enumerate().map(spot).collect()
}

fn line(partner: &MapPartner, outgoing: bool, (x, y): (f64, f64)) -> Line {
    let way = if outgoing { &partner.out } else { &partner.inc };
    let side = if outgoing { APART } else { -APART };
    let on = |far: f64| (MIDDLE.0 + far * x - side * y, MIDDLE.1 + far * y + side * x);
    let (near, far) = (on(FROM_MIDDLE), on(RADIUS - FROM_PARTNER));
    let (from, to, ahead) = if outgoing { (near, far, 1.0) } else { (far, near, -1.0) };
    let (dx, dy) = (x * ahead * 9.0, y * ahead * 9.0);
    let tip = format!(
        "M{} {}L{} {}L{} {}Z",
        number(to.0 + dx),
        number(to.1 + dy),
        number(to.0 - dy * 0.5),
        number(to.1 + dx * 0.5),
        number(to.0 + dy * 0.5),
        number(to.1 - dx * 0.5),
    );
    let stands = stands(partner, way);
    let mark = match stands {
        "stopped" => Some("×"),
        "suspended" | "off" => Some("‖"),
        _ => None,
    };
    let middle = on(RADIUS * if outgoing { 0.58 } else { 0.48 });
    Line {
        path: format!("M{} {}L{} {}", number(from.0), number(from.1), number(to.0), number(to.1)),
        tip,
        class: format!("way {} {stands}", way.modes.first().unwrap_or(&"none")),
        width: number(1.5 + (way.parcels as f64 + 1.0).ln().min(7.0) * 0.5),
        mark: mark.map(|m| (number(middle.0), number(middle.1), m)),
        words: words(way, stands),
    }
}

/// How a way stands, in one word.
fn stands(partner: &MapPartner, way: &Way) -> &'static str {
    match () {
        () if !partner.enabled => "off",
        () if way.stopped.is_some() => "stopped",
        () if partner.agreement.is_none() || way.modes.is_empty() => "nothing",
        () if partner.suspended_by.is_some() => "suspended",
        () if way.waiting > 0 => "waits",
        () => "goes",
    }
}

fn words(way: &Way, stands: &str) -> String {
    let what = match way.modes.as_slice() {
        [] => return "nothing".to_owned(),
        ["list"] => "whole lists",
        ["hit"] => "upheld hits",
        _ => "whole lists and upheld hits",
    };
    let parcels = crate::words::plural(way.parcels, "parcel", "parcels");
    let how = match stands {
        "stopped" => "; the stream is stopped",
        "suspended" => "; suspended",
        "off" => "; switched off",
        _ => "",
    };
    let waiting = match way.waiting {
        0 => String::new(),
        n => format!("; {} without a receipt yet", crate::words::count(n)),
    };
    format!("{what}, {parcels} so far{waiting}{how}")
}

fn number(n: f64) -> String {
    format!("{n:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partner(state: &str, out: &[&'static str], inc: &[&'static str]) -> MapPartner {
        let way = |modes: &[&'static str]| Way { modes: modes.to_vec(), ..Way::default() };
        MapPartner {
            state: state.to_owned(),
            name: state.to_owned(),
            enabled: true,
            agreement: (!out.is_empty() || !inc.is_empty()).then(|| "5f".to_owned()),
            suspended_by: None,
            out: way(out),
            inc: way(inc),
        }
    }

    #[test]
    fn partners_stand_around_this_state_and_each_has_two_lines() {
        let all = (0..20).map(|_| partner("TUR", &["list"], &["hit"])).collect();
        let spots = spots(all);
        let places: std::collections::BTreeSet<(String, String)> =
            spots.iter().map(|s| (s.x.clone(), s.y.clone())).collect();
        assert_eq!(places.len(), 20);
        assert_eq!((spots[0].x.as_str(), spots[0].y.as_str()), ("430.0", "75.0"));
        let [out, inc] = &spots[0].lines;
        assert_ne!(out.path, inc.path);
        assert_eq!((&*out.class, &*inc.class), ("way list goes", "way hit goes"));
    }

    #[test]
    fn what_does_not_go_is_marked_and_said() {
        let mut suspended = partner("TUR", &["list"], &["hit"]);
        suspended.suspended_by = Some("GBR".to_owned());
        suspended.out.waiting = 3;
        suspended.inc.stopped = Some("sequence_reused".to_owned());
        let spots = spots(vec![suspended, partner("FRA", &[], &[])]);
        let mark = |line: &Line| line.mark.as_ref().map(|m| m.2);
        let [out, inc] = &spots[0].lines;
        assert_eq!((mark(out), mark(inc)), (Some("‖"), Some("×")));
        assert_eq!(out.words, "whole lists, 0 parcels so far; 3 without a receipt yet; suspended");
        assert_eq!(spots[1].lines[0].class, "way none nothing");
        assert_eq!(spots[1].lines[1].words, "nothing");
    }
}
