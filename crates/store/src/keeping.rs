//! Forgetting on time, and the two ways around it that the law knows: a case, and the
//! word of the independent authority.
//!
//! `policy` says when a list is to be masked and erased; its row and its day's keys carry
//! the dates. Here the day comes: [`Store::mask_day`], [`Store::erase_day`] are one small
//! transaction each, whatever the day holds. What no key opens any more is then taken off
//! the disk ([`Store::purge_day`]), and the write-ahead log is cut ([`Store::scrub`]), for
//! an older image of the key's row stands in it.

use audit::{Actor, Event, Logged};
use jiff::{Timestamp, civil::Date};
use travel::{ElementSet, PassengerList};
use uuid::Uuid;

use crate::{
    Batch, Change, Store, StoreError,
    apply::case_scope,
    authority::{AuthorityKey, AuthorityPublic, Grant, Request},
    db::{bad, values},
    keys::{self, Part, key_name},
    rows::{CaseRecord, CaseRow, List, Unmasking},
    sealed,
};

/// A case to be opened.
#[derive(Clone, Debug)]
pub struct NewCase<'a> {
    /// Its id, as the authority that leads it names it.
    pub id: &'a str,
    /// On what legal ground.
    pub ground: &'a str,
    /// The first day on which it must be gone.
    pub keep_until: Date,
    /// Whether it only stops deletion.
    pub hold: bool,
    /// Who opens it.
    pub officer: &'a str,
}

impl Store {
    /// Takes away the identity key of a day. With an authority, one list after another can
    /// be opened again on its word; without one, the identity is gone for good. Gives how
    /// many lists are masked by it.
    ///
    /// # Errors
    /// It is masked or erased already; the disk refuses.
    pub fn mask_day(
        &self,
        (scope, day): (&str, Date),
        authority: Option<&AuthorityPublic>,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let lists = self.lists_under(scope, day)?;
        let name = key_name(scope, day);
        let masked = match (authority, self.key(Part::Identity, (scope, day))?) {
            (Some(authority), Some(key)) => {
                let inner = authority.seal(&name, &key)?;
                Some(sealed::seal(self.keys.node(), "masked key", &name, &inner)?)
            }
            _ => None,
        };
        let event = Event::Masked { key: name.clone(), lists };
        self.commit(Batch::new(
            vec![Change::MaskDay { scope: scope.to_owned(), day, masked, at }],
            vec![Logged::new(at, Actor::Node, event)],
        ))?;
        self.keys.forget(&name);
        Ok(lists)
    }

    /// Destroys both keys of a day, for good. Gives how many lists can no longer be read.
    ///
    /// # Errors
    /// It is erased already; the disk refuses, and then the keys are still there.
    pub fn erase_day(
        &self,
        scope: &str,
        day: Date,
        (rules, at): (&[String], Timestamp),
    ) -> Result<u64, StoreError> {
        let lists = self.lists_under(scope, day)?;
        let name = key_name(scope, day);
        let event = Event::Erased {
            key: name.clone(),
            lists,
            rules: rules.to_vec(),
            travellers: Vec::new(),
        };
        self.commit(Batch::new(
            vec![Change::EraseDay { scope: scope.to_owned(), day, at }],
            vec![Logged::new(at, Actor::Node, event)],
        ))?;
        self.keys.forget(&name);
        Ok(lists)
    }

    fn lists_under(&self, scope: &str, day: Date) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM lists WHERE scope = ?1 AND day = ?2";
        self.read(|db| db.number(sql, values![scope, day.to_string()]))
    }

    /// Ids of the lists that a day's keys seal.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn ids_under(&self, scope: &str, day: Date) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id FROM lists WHERE scope = ?1 AND day = ?2 ORDER BY id";
        self.read(|db| db.rows(sql, values![scope, day.to_string()], |r| r.get(0)))
    }

    /// The rules that set the clocks of what a day holds.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn rules_of_day(&self, scope: &str, day: Date) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT clock FROM lists WHERE scope = ?1 AND day = ?2";
        let found: Vec<String> =
            self.read(|db| db.rows(sql, values![scope, day.to_string()], |r| r.get(0)))?;
        let words = found.iter().flat_map(|text| text.split_whitespace());
        let mut rules: Vec<String> = words.map(str::to_owned).collect();
        rules.sort();
        rules.dedup();
        Ok(rules)
    }

    /// Days that are erased and whose sealed bytes are still on the disk.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn unpurged(&self) -> Result<Vec<(String, Date)>, StoreError> {
        let sql = "SELECT scope, day FROM day_keys
                   WHERE erased_at IS NOT NULL AND purged_at IS NULL ORDER BY day, scope";
        self.read(|db| {
            db.rows(sql, &[], |r| {
                let day: String = r.get(1)?;
                Ok((r.get(0)?, day.parse().map_err(|_| bad("day"))?))
            })
        })
    }

    /// Takes what is sealed of an erased day off the disk.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn purge_day(&self, scope: &str, day: Date, at: Timestamp) -> Result<(), StoreError> {
        // No event of its own: the one of the erasure tells of it.
        let change = Change::PurgeDay { scope: scope.to_owned(), day, at };
        self.commit(Batch::new(vec![change], Vec::new())).map(drop)
    }

    /// Takes older images of rows off the disk, as far as the database lets us: brings all
    /// that was committed into the file and cuts the write-ahead log; on a server, has the
    /// tables written anew. Whether that could be done: somebody who reads at the moment
    /// hinders it, and a server may not allow it.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn scrub(&self) -> Result<bool, StoreError> {
        self.database.scrub()
    }

    /// Opens a case: from now on what is copied to it outlives the day on which it came,
    /// until the case's own day.
    ///
    /// # Errors
    /// There is one of that id; the disk refuses.
    pub fn open_case(&self, new: &NewCase<'_>, at: Timestamp) -> Result<(), StoreError> {
        let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let scope = case_scope(new.id);
        let ground = self.seal((&scope, day), ("ground", new.id), new.ground.as_bytes(), at)?;
        let row = CaseRow {
            id: new.id.to_owned(),
            day,
            ground,
            hold: new.hold,
            opened_by: new.officer.to_owned(),
            opened_at: at,
            keep_until: new.keep_until,
            closed_at: None,
        };
        let by = |event| Logged::new(at, Actor::Officer(new.officer.to_owned()), event);
        let event = by(Event::CaseOpened { case: new.id.to_owned(), hit: None });
        self.commit(Batch::new(vec![Change::Case(row)], vec![event])).map(drop)
    }

    /// Copies one traveller's record to a case. Nobody else of the list goes with it.
    ///
    /// # Errors
    /// There is no such traveller; the list is masked or erased; the case is closed.
    pub fn copy_to_case(
        &self,
        case: &CaseRow,
        (row, number): (&List, u32),
        (officer, at): (&str, Timestamp),
    ) -> Result<(), StoreError> {
        let list = self.open_list(row)?;
        self.keep_in_case(case, (row, &list, number), (officer, at))
    }

    fn keep_in_case(
        &self,
        case: &CaseRow,
        (row, list, number): (&List, &PassengerList, u32),
        (officer, at): (&str, Timestamp),
    ) -> Result<(), StoreError> {
        if case.closed_at.is_some() {
            return Err(StoreError::Conflict(format!("the case {} is closed", case.id)));
        }
        if number as usize >= list.travellers().len() {
            return Err(StoreError::Missing { what: "traveller", id: number.to_string() });
        }
        let one = list.restricted_to(ElementSet::ALL, Some(&[number as usize]));
        let id = format!("{}/{}/{number}", case.id, row.id);
        let key = (case_scope(&case.id), case.day);
        let sealed = self.seal((&key.0, key.1), ("case record", &id), &one.encode(), at)?;
        let record = CaseRecord {
            case_id: case.id.clone(),
            list: row.id.clone(),
            traveller: number,
            sealed,
            copied_at: at,
        };
        let event = Event::Held {
            subject: format!("{}/{number}", row.id),
            case: case.id.clone(),
            until: case.keep_until.to_string(),
        };
        let logged = Logged::new(at, Actor::Officer(officer.to_owned()), event);
        self.commit(Batch::new(vec![Change::CaseRecord(record)], vec![logged])).map(drop)
    }

    /// Opens a record of a case: a list of that one traveller.
    ///
    /// # Errors
    /// The case's day has come, or the bytes are not the right ones.
    pub fn open_case_record(
        &self,
        case: &CaseRow,
        record: &CaseRecord,
    ) -> Result<PassengerList, StoreError> {
        let id = format!("{}/{}/{}", case.id, record.list, record.traveller);
        let key = (case_scope(&case.id), case.day);
        keys::decode(&self.unseal((&key.0, key.1), ("case record", &id), &record.sealed)?)
    }

    /// The legal ground of a case.
    ///
    /// # Errors
    /// The case's day has come, or the bytes are not the right ones.
    pub fn open_case_ground(&self, case: &CaseRow) -> Result<String, StoreError> {
        let scope = case_scope(&case.id);
        let bytes = self.unseal((&scope, case.day), ("ground", &case.id), &case.ground)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Closes a case: what was copied to it is gone with its key.
    ///
    /// # Errors
    /// There is none, or it is closed; the disk refuses.
    pub fn close_case(&self, case: &CaseRow, by: &str, at: Timestamp) -> Result<(), StoreError> {
        let changes = vec![
            Change::CaseClosed { id: case.id.clone(), at },
            Change::EraseDay { scope: case_scope(&case.id), day: case.day, at },
        ];
        let key = key_name(&case_scope(&case.id), case.day);
        let by = |event| Logged::new(at, Actor::Officer(by.to_owned()), event);
        let events = vec![
            by(Event::CaseClosed { case: case.id.clone() }),
            by(Event::Erased {
                key: key.clone(),
                lists: 0,
                rules: Vec::new(),
                travellers: Vec::new(),
            }),
        ];
        self.commit(Batch::new(changes, events))?;
        self.keys.forget(&key);
        Ok(())
    }

    /// Asks the authority for one list of a masked day. What is given is for the
    /// authority; nothing opens by it.
    ///
    /// # Errors
    /// The list's day is not masked, or was masked for good.
    pub fn ask_to_unmask(
        &self,
        (row, case): (&List, &CaseRow),
        (reason, officer): (&str, &str),
        at: Timestamp,
    ) -> Result<Request, StoreError> {
        let name = key_name(&row.scope, row.day);
        let sql = "SELECT masked FROM day_keys WHERE scope = ?1 AND day = ?2";
        let masked: Option<Option<Vec<u8>>> =
            self.read(|db| db.row(sql, values![row.scope, row.day.to_string()], |r| r.get(0)))?;
        let masked = masked
            .flatten()
            .ok_or(StoreError::Sealed { what: "day key", why: "it is not masked, or for good" })?;
        let masked = sealed::open(self.keys.node(), "masked key", &name, &masked)?;
        let own = AuthorityKey::generate()?;
        let id = Uuid::now_v7().to_string();
        let secret = sealed::seal(self.keys.node(), "unmasking", &id, &own.encode())?;
        let asked = Unmasking {
            id: id.clone(),
            list: row.id.clone(),
            case_id: case.id.clone(),
            secret: Some(secret),
            asked_by: officer.to_owned(),
            asked_at: at,
            used_at: None,
        };
        let event = Event::UnmaskingAsked { list: row.id.clone(), case: case.id.clone() };
        let logged = Logged::new(at, Actor::Officer(officer.to_owned()), event);
        self.commit(Batch::new(vec![Change::Unmasking(asked)], vec![logged]))?;
        Ok(Request {
            id,
            state: self.state()?,
            list: row.id.clone(),
            flight: row.flight.clone(),
            case: case.id.clone(),
            reason: reason.to_owned(),
            key: name,
            masked,
            answer_to: own.public().clone(),
        })
    }

    /// Uses the authority's grant: the unmasking is in the log first, then one list is
    /// opened, and the travellers named are copied to the case. The grant is used up.
    ///
    /// # Errors
    /// The grant is not that authority's, is for another request, or was used.
    pub fn unmask(
        &self,
        (grant, authority): (&Grant, &AuthorityPublic),
        travellers: &[u32],
        (officer, at): (&str, Timestamp),
    ) -> Result<PassengerList, StoreError> {
        if !grant.is_by(authority) {
            return Err(StoreError::Conflict("the authority did not sign this grant".into()));
        }
        let missing = |what, id: &str| StoreError::Missing { what, id: id.to_owned() };
        let asked = self.unmasking(&grant.request)?;
        let asked = asked.ok_or_else(|| missing("request", &grant.request))?;
        if asked.list != grant.list || asked.case_id != grant.case {
            return Err(StoreError::Conflict("the grant is for another list or case".into()));
        }
        let used = || StoreError::Conflict("this grant was used before".into());
        let secret = asked.secret.as_deref().ok_or_else(used)?;
        let own = sealed::open(self.keys.node(), "unmasking", &asked.id, secret)?;
        let own = AuthorityKey::decode(&own)
            .ok_or(StoreError::Sealed { what: "request", why: "it holds no key" })?;
        let key = own.open(&asked.id, &grant.key)?;
        let row = self.list(&grant.list)?.ok_or_else(|| missing("list", &grant.list))?;
        let case = self.case(&grant.case)?.ok_or_else(|| missing("case", &grant.case))?;
        let event = Event::Unmasked {
            list: row.id.clone(),
            case: case.id.clone(),
            authority: authority.fingerprint(),
        };
        let logged = Logged::new(at, Actor::Officer(officer.to_owned()), event);
        let change = Change::Unmasked { id: asked.id.clone(), at };
        self.commit(Batch::new(vec![change], vec![logged]))?;
        let list = self.joined(&row, &sealed::open(&key, "list", &row.id, &row.sealed)?)?;
        for number in travellers {
            self.keep_in_case(&case, (&row, &list, *number), (officer, at))?;
        }
        Ok(list)
    }
}
