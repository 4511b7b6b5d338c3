//! The tree against the vectors of Certificate Transparency and against `ct-merkle`.
#![allow(clippy::unwrap_used)]

use audit::{Digest, Hash, Tree, leaf_hash, proof};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

/// The eight leaves that every implementation of RFC 6962 is tested with.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hashes(leaves: &[Vec<u8>]) -> Vec<Hash> {
    leaves.iter().map(|l| leaf_hash(l)).collect()
}

#[test]
fn the_roots_are_those_of_certificate_transparency() {
    let mut tree = Tree::new();
    assert_eq!(tree.root(), Digest::of(b""));
    for (leaf, root) in LEAVES.iter().zip(ROOTS) {
        tree.append(leaf);
        assert_eq!(tree.root().to_string(), root);
    }
}

proptest! {
    #[test]
    fn root_and_proofs_are_those_of_ct_merkle(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..70), pick: prop::sample::Index, cut: prop::sample::Index) {
        let mut theirs: MemoryBackedTree<Sha256, Vec<u8>> = MemoryBackedTree::new();
        let mut ours = Tree::new();
        for leaf in &leaves {
            theirs.push(leaf.clone());
            ours.append(leaf);
        }
        let (root, their_root) = (ours.root(), theirs.root());
        prop_assert_eq!(&root.0[..], their_root.as_bytes().as_slice());
        let (hashes, index) = (hashes(&leaves), pick.index(leaves.len()));
        let path = proof::inclusion(&hashes, index).unwrap();
        let bytes: Vec<u8> = path.iter().flat_map(|h| h.0).collect();
        let expected = theirs.prove_inclusion(index);
        prop_assert_eq!(&bytes[..], expected.as_bytes());
        prop_assert!(proof::includes(hashes[index], index as u64, leaves.len() as u64, &path, &ours.root()));
        let old = 1 + cut.index(leaves.len());
        if old < leaves.len() {
            let path = proof::consistency(&hashes, old).unwrap();
            let bytes: Vec<u8> = path.iter().flat_map(|h| h.0).collect();
            let expected = theirs.prove_consistency(leaves.len() - old);
            prop_assert_eq!(&bytes[..], expected.as_bytes());
        }
    }

    #[test]
    fn only_the_true_proof_holds(size in 1usize..60, pick: prop::sample::Index, cut: prop::sample::Index, flip in 0usize..2000) {
        let leaves: Vec<Vec<u8>> = (0..size).map(|i| vec![i as u8]).collect();
        let hashes = hashes(&leaves);
        let (root, index) = (proof::root(&hashes), pick.index(size));
        let path = proof::inclusion(&hashes, index).unwrap();
        prop_assert!(proof::includes(hashes[index], index as u64, size as u64, &path, &root));
        prop_assert!(!proof::includes(leaf_hash(b"other"), index as u64, size as u64, &path, &root));
        if !path.is_empty() {
            let mut bad = path.clone();
            let at = flip % bad.len();
            bad[at].0[flip % 32] ^= 1;
            prop_assert!(!proof::includes(hashes[index], index as u64, size as u64, &bad, &root));
            prop_assert!(!proof::includes(hashes[index], index as u64, size as u64, &path[1..], &root));
        }
        let old = 1 + cut.index(size);
        let old_root = proof::root(&hashes[..old]);
        let path = proof::consistency(&hashes, old).unwrap();
        let (old, new) = ((old as u64, &old_root), (size as u64, &root));
        prop_assert!(proof::consistent(old, new, &path));
        prop_assert!(!proof::consistent((old.0, &leaf_hash(b"fork")), new, &path));
        if !path.is_empty() {
            let mut bad = path.clone();
            let at = flip % bad.len();
            bad[at].0[flip % 32] ^= 1;
            prop_assert!(!proof::consistent(old, new, &bad));
        }
    }

    #[test]
    fn a_frontier_survives_being_written(size in 0u64..300) {
        let mut tree = Tree::new();
        for i in 0..size {
            tree.append(&i.to_be_bytes());
        }
        let bytes = tree.to_bytes();
        let mut read = Tree::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&read, &tree);
        tree.append(b"next");
        read.append(b"next");
        prop_assert_eq!(read.root(), tree.root());
        prop_assert!(Tree::from_bytes(&bytes[1..]).is_err());
    }
}
