//! The Merkle tree of RFC 6962 §2.1, grown leaf by leaf.
//!
//! [`Tree`] keeps only the *frontier*: the roots of the perfect subtrees that the
//! leaves so far make up, one per set bit of the size, largest first. That is all it
//! takes to append and to say the root: at most 64 hashes, whatever the size. Proofs
//! need the leaves' hashes and are made by the functions of [`proof`].

use aws_lc_rs::digest::{Context, SHA256};

use crate::Digest;

/// A hash of the tree.
pub type Hash = Digest;

/// The hash of a leaf: `SHA-256(0x00 ‖ leaf)`.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Digest::of_parts(&[&[0], leaf])
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut input = [1; 65];
    input[1..33].copy_from_slice(&left.0);
    input[33..].copy_from_slice(&right.0);
    Digest::of(&input)
}

fn empty_root() -> Hash {
    let mut out = [0; 32];
    out.copy_from_slice(Context::new(&SHA256).finish().as_ref());
    Digest(out)
}

/// Bytes are no frontier that [`Tree::to_bytes`] wrote.
#[derive(Debug, thiserror::Error)]
#[error("not the frontier of a tree")]
pub struct TreeError;

/// A log's tree as far as it has grown.
///
/// ```
/// use audit::Tree;
/// let mut tree = Tree::new();
/// assert_eq!(tree.append(b"first"), 0);
/// assert_eq!(tree.append(b"second"), 1);
/// assert_eq!(Tree::from_bytes(&tree.to_bytes()).unwrap().root(), tree.root());
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tree {
    size: u64,
    frontier: Vec<Hash>,
}

impl Tree {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a leaf and gives its position, counted from 0.
    pub fn append(&mut self, leaf: &[u8]) -> u64 {
        self.append_hash(leaf_hash(leaf))
    }

    /// Adds a leaf whose [`leaf_hash`] is known.
    pub fn append_hash(&mut self, leaf: Hash) -> u64 {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.frontier.pop().expect("one subtree per set bit of the size");
            hash = node_hash(&left, &hash);
        }
        self.frontier.push(hash);
        self.size += 1;
        self.size - 1
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root hash; that of no bytes for the empty tree.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.frontier.iter().rev();
        let Some(last) = subtrees.next() else { return empty_root() };
        subtrees.fold(*last, |right, left| node_hash(left, &right))
    }

    /// The size (8 bytes, big end first) and the frontier, largest subtree first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.size.to_be_bytes().to_vec();
        out.extend(self.frontier.iter().flat_map(|h| h.0));
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// The number of hashes is not that of the size.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TreeError> {
        let (size, hashes) = bytes.split_first_chunk::<8>().ok_or(TreeError)?;
        let size = u64::from_be_bytes(*size);
        let (frontier, rest) = hashes.as_chunks::<32>();
        if !rest.is_empty() || frontier.len() != size.count_ones() as usize {
            return Err(TreeError);
        }
        Ok(Self { size, frontier: frontier.iter().copied().map(Digest).collect() })
    }
}

/// Proofs that a leaf is in a tree, and that a tree grew out of another.
pub mod proof {
    use super::{Hash, Tree, node_hash};

    /// The root over these leaf hashes.
    pub fn root(leaves: &[Hash]) -> Hash {
        let mut tree = Tree::new();
        for leaf in leaves {
            tree.append_hash(*leaf);
        }
        tree.root()
    }

    /// The largest power of two smaller than `n`, which is at least 2.
    fn split(n: u64) -> u64 {
        1 << (63 - (n - 1).leading_zeros())
    }

    /// The audit path of leaf `index` (RFC 6962 §2.1.1), nearest sibling first;
    /// `None` if there is no such leaf.
    pub fn inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
        if index >= leaves.len() {
            return None;
        }
        let (mut part, mut index, mut path) = (leaves, index, Vec::new());
        while part.len() > 1 {
            let (left, right) = part.split_at(split(part.len() as u64) as usize);
            if index < left.len() {
                path.push(root(right));
                part = left;
            } else {
                path.push(root(left));
                index -= left.len();
                part = right;
            }
        }
        path.reverse();
        Some(path)
    }

    /// Whether `path` shows that `leaf` is leaf `index` of the tree of `size` leaves
    /// with root `root` (RFC 9162 §2.1.3.2).
    pub fn includes(leaf: Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
        if index >= size {
            return false;
        }
        let (mut at, mut last, mut hash) = (index, size - 1, leaf);
        for sibling in path {
            if last == 0 {
                return false;
            }
            if at & 1 == 1 || at == last {
                hash = node_hash(sibling, &hash);
                while at & 1 == 0 && at != 0 {
                    at >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node_hash(&hash, sibling);
            }
            at >>= 1;
            last >>= 1;
        }
        last == 0 && hash == *root
    }

    /// The proof that the tree of `leaves` grew out of that of its first `old`
    /// leaves (RFC 6962 §2.1.2); `None` if `old` is 0 or more than there are.
    pub fn consistency(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
        if old == 0 || old > leaves.len() {
            return None;
        }
        let (mut part, mut old, mut known, mut path) = (leaves, old, true, Vec::new());
        while old != part.len() {
            let (left, right) = part.split_at(split(part.len() as u64) as usize);
            if old <= left.len() {
                path.push(root(right));
                part = left;
            } else {
                path.push(root(left));
                old -= left.len();
                part = right;
                known = false;
            }
        }
        if !known {
            path.push(root(part));
        }
        path.reverse();
        Some(path)
    }

    /// Whether `path` shows that the tree of `new` leaves grew out of that of `old`
    /// (RFC 9162 §2.1.4.2). Every tree grew out of the empty one.
    pub fn consistent(old: (u64, &Hash), new: (u64, &Hash), path: &[Hash]) -> bool {
        let ((old, old_root), (new, new_root)) = (old, new);
        if old == 0 || old >= new {
            return path.is_empty() && (old == 0 || (old == new && old_root == new_root));
        }
        let mut rest = path.iter();
        let first = if old.is_power_of_two() { Some(old_root) } else { rest.next() };
        let Some(first) = first else { return false };
        let (mut at, mut last) = (old - 1, new - 1);
        while at & 1 == 1 {
            at >>= 1;
            last >>= 1;
        }
        let (mut was, mut is) = (*first, *first);
        for hash in rest {
            if last == 0 {
                return false;
            }
            if at & 1 == 1 || at == last {
                was = node_hash(hash, &was);
                is = node_hash(hash, &is);
                while at & 1 == 0 && at != 0 {
                    at >>= 1;
                    last >>= 1;
                }
            } else {
                is = node_hash(&is, hash);
            }
            at >>= 1;
            last >>= 1;
        }
        last == 0 && was == *old_root && is == *new_root
    }
}
