//! Whether programs in force together share more than a fee.

use gazelle_kernel::{FeeKind, PlatformId};

use super::super::checked::Program;

/// Programs, none of which names another in `excludes`, that share more than the whole of a fee.
pub(super) fn beyond_the_fee<'a>(
    in_force: &[&'a Program],
    platform_id: Option<&PlatformId>,
    fee_kind: &FeeKind,
) -> Option<Vec<&'a Program>> {
    let covers = |program: &Program| {
        platform_id.map_or(program.terms().platform_ids.is_empty(), |platform_id| {
            program.covers(platform_id)
        })
    };
    let shares = in_force.iter().copied().filter(|program| covers(program));
    let (programs, bps): (Vec<&Program>, Vec<u32>) = shares
        .filter_map(|program| Some((program, program.share(fee_kind)?.shared_bps())))
        .unzip();
    // Two possible versions of one program are never in force together.
    let apart = |a: &Program, b: &Program| {
        a.id() == b.id()
            || a.terms().excluded_program_ids.contains(b.id())
            || b.terms().excluded_program_ids.contains(a.id())
    };
    let graph = Graph {
        weights: bps,
        edges: programs
            .iter()
            .map(|a| programs.iter().map(|b| apart(a, b)).collect())
            .collect(),
    };
    let mut heavy = graph.heavier_than(&(0..programs.len()).collect::<Vec<_>>(), 10_000)?;
    heavy.sort_unstable();
    Some(heavy.into_iter().map(|at| programs[at]).collect())
}

/// Weighted nodes, and which of them can't stand together.
struct Graph {
    weights: Vec<u32>,
    edges: Vec<Vec<bool>>,
}

impl Graph {
    /// Some of the nodes, none beside one that it can't stand with, that weigh more than `limit`
    /// together; exact, by branching on the node with the most neighbors.
    fn heavier_than(&self, nodes: &[usize], limit: u32) -> Option<Vec<usize>> {
        if self.bound(nodes) <= limit {
            return None;
        }
        let neighbors = |&node: &usize| {
            nodes
                .iter()
                .filter(|&&other| other != node && self.edges[node][other])
                .count()
        };
        let branch = *nodes.iter().max_by_key(|node| neighbors(node))?;
        if neighbors(&branch) == 0 {
            return Some(nodes.to_vec()); // The bound is their sum.
        }
        let without: Vec<usize> = nodes
            .iter()
            .copied()
            .filter(|&node| node != branch)
            .collect();
        let beside: Vec<usize> = without
            .iter()
            .copied()
            .filter(|&node| !self.edges[branch][node])
            .collect();
        let with = match limit.checked_sub(self.weights[branch]) {
            Some(rest) => self.heavier_than(&beside, rest),
            None => Some(vec![]),
        };
        with.map(|rest| [vec![branch], rest].concat())
            .or_else(|| self.heavier_than(&without, limit))
    }

    /// At least what the heaviest choice weighs: one node, the heaviest, of each group that can't
    /// stand together.
    fn bound(&self, nodes: &[usize]) -> u32 {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for &node in nodes {
            match groups
                .iter_mut()
                .find(|group| group.iter().all(|&other| self.edges[node][other]))
            {
                Some(group) => group.push(node),
                None => groups.push(vec![node]),
            }
        }
        groups
            .iter()
            .filter_map(|group| group.iter().map(|&node| self.weights[node]).max())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_choice_is_found_exactly() {
        // Every graph of up to five nodes, against trying all choices.
        let weights = [2_u32, 3, 5, 7, 11];
        let pairs: Vec<(usize, usize)> = (0..5).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        for choice in 0..1_u32 << pairs.len() {
            let mut edges = vec![vec![false; 5]; 5];
            for (at, &(a, b)) in pairs.iter().enumerate() {
                (edges[a][b], edges[b][a]) = (choice >> at & 1 == 1, choice >> at & 1 == 1);
            }
            let stands = |set: u32| {
                (0..5).all(|a| (0..a).all(|b| set >> a & set >> b & 1 == 0 || !edges[a][b]))
            };
            let weigh = |set: u32| {
                (0..5)
                    .filter(|at| set >> at & 1 == 1)
                    .map(|at| weights[at])
                    .sum::<u32>()
            };
            let heaviest = (0..32)
                .filter(|&set| stands(set))
                .map(weigh)
                .max()
                .expect("the empty choice");
            let graph = Graph {
                weights: weights.into(),
                edges: edges.clone(),
            };
            let found = graph
                .heavier_than(&[0, 1, 2, 3, 4], heaviest - 1)
                .expect("a choice that heavy");
            let set = found.iter().fold(0, |set, at| set | 1 << at);
            assert!(stands(set) && weigh(set) == heaviest);
            assert_eq!(graph.heavier_than(&[0, 1, 2, 3, 4], heaviest), None);
        }
    }
}
