//! Why an operation was not done, sorted by whose turn it is now.

use screening::ReviewError;
use store::StoreError;

use crate::{Operation, Role};

/// An operation was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or the session ended.
    #[error("nobody is signed in, or the session has ended")]
    SignedOut,
    /// Account or password are wrong; which one is not said.
    #[error("the user name or the password is not right")]
    WrongPassword,
    /// Too many failed tries.
    #[error("too many failed attempts; try again in {minutes} minute{}", if *minutes == 1 { "" } else { "s" })]
    Locked {
        /// Whole minutes until the next try is looked at.
        minutes: i64,
    },
    /// None of the caller's roles may do this.
    #[error("the role {} does not include this: {}", said(roles), operation.name().replace('_', " "))]
    Forbidden {
        /// What was asked for.
        operation: Operation,
        /// The caller's roles.
        roles: Vec<Role>,
    },
    /// A form's token is missing or of another session.
    #[error("the form does not belong to this session")]
    Forged,
    /// There is no such thing, or it is gone.
    #[error("there is no {what} {id:?}")]
    Missing {
        /// What kind of thing.
        what: &'static str,
        /// The id that was asked for.
        id: String,
    },
    /// What was entered cannot be taken.
    #[error("{text}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it, and what would be right.
        text: String,
    },
    /// The same officer wanted to be the second one.
    #[error("you decided on this hit before; the second decision is another officer's")]
    SameOfficer,
    /// It was decided already, perhaps by somebody else just now.
    #[error("this hit is decided already")]
    Decided,
    /// Somebody was faster.
    #[error("{0}")]
    Conflict(String),
    /// Its day has passed: the key is gone.
    #[error("this record can no longer be read: {0}")]
    Gone(String),
    /// The store takes nothing at the moment.
    #[error("the node takes nothing at the moment; try again shortly")]
    Busy,
    /// Our own failure.
    #[error("{0}")]
    Ours(String),
}

fn said(roles: &[Role]) -> String {
    match roles {
        [] => "of an account without any".to_owned(),
        _ => roles.iter().map(|r| r.words()).collect::<Vec<_>>().join(", "),
    }
}

impl Error {
    /// A short name: of problem documents, and of tests.
    pub const fn name(&self) -> &'static str {
        match self {
            Error::SignedOut => "signed-out",
            Error::WrongPassword => "wrong-password",
            Error::Locked { .. } => "locked",
            Error::Forbidden { .. } => "forbidden",
            Error::Forged => "forged-form",
            Error::Missing { .. } => "missing",
            Error::Invalid { .. } => "invalid",
            Error::SameOfficer => "same-officer",
            Error::Decided => "decided-already",
            Error::Conflict(_) => "conflict",
            Error::Gone(_) => "gone",
            Error::Busy => "busy",
            Error::Ours(_) => "failure",
        }
    }

    /// The HTTP status that says the same.
    pub const fn status(&self) -> u16 {
        match self {
            Error::SignedOut | Error::WrongPassword => 401,
            Error::Locked { .. } => 429,
            Error::Forbidden { .. } | Error::Forged => 403,
            Error::Missing { .. } => 404,
            Error::Invalid { .. } => 422,
            Error::SameOfficer | Error::Decided | Error::Conflict(_) => 409,
            Error::Gone(_) => 410,
            Error::Busy => 503,
            Error::Ours(_) => 500,
        }
    }

    /// After how many seconds it is worth trying again, where waiting helps.
    pub const fn retry_after_s(&self) -> Option<i64> {
        match self {
            Error::Locked { minutes } => Some(*minutes * 60),
            Error::Busy => Some(2),
            _ => None,
        }
    }

    /// What whoever asked can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Error::SignedOut => "Sign in and try again.",
            Error::WrongPassword => {
                "Check both and try again. After five failed attempts from here you have to wait for five minutes."
            }
            Error::Locked { .. } => {
                "Wait, then try again. If it was not you who tried, tell your administrator."
            }
            Error::Forbidden { .. } => {
                "Ask somebody whose role allows it. If your own role should, ask your administrator."
            }
            Error::Forged => "Go back, load the page again, and send the form from there.",
            Error::Missing { .. } => {
                "Check the address. What was erased when its time was over cannot be shown."
            }
            Error::Invalid { .. } => "Correct the field and send the form again.",
            Error::SameOfficer => "Leave it in the queue for a colleague.",
            Error::Decided => "Load the hit again to see what was decided.",
            Error::Conflict(_) => "Go back and load the page again to see how it stands now.",
            Error::Gone(_) => {
                "Records are masked, and later erased, when the law's clock strikes. A masked one is opened by the independent authority alone; an erased one by nobody."
            }
            Error::Busy => "Nothing was changed. Wait a moment and send it again.",
            Error::Ours(_) => {
                "Nothing was changed. If it happens again, tell your administrator the time."
            }
        }
    }
}

impl From<StoreError> for Error {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Missing { what, id } => Error::Missing { what, id },
            StoreError::Conflict(text) => Error::Conflict(text),
            StoreError::Sealed { what: "day key", why } => Error::Gone(why.to_owned()),
            StoreError::BusyOrFull(_) | StoreError::Closed => Error::Busy,
            other => Error::Ours(other.to_string()),
        }
    }
}

impl From<ReviewError> for Error {
    fn from(e: ReviewError) -> Self {
        Error::Ours(format!("the stored decisions do not fit: {e}"))
    }
}
