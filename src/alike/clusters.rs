//! When several tickets are proposed as one incident: so many people, one building, one level 2, one hour.
//!
//! Pure: no database and no clock. Two tickets that share a phone or a device are of one person; whoever left neither is
//! somebody of their own, because staff took each of them down apart.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::Face;
use crate::db::Id;
use crate::settings::Alike;

/// The incidents that tickets hint at, each with its tickets from first to last. `faces` are sorted by submission.
pub fn clusters(faces: &[Face], rules: &Alike) -> Vec<Vec<Face>> {
    let mut groups = BTreeMap::<(Id, &str), Vec<&Face>>::new();
    for face in faces {
        if let Some(category) = &face.category {
            groups.entry((face.building(), category)).or_default().push(face);
        }
    }
    groups.values().flat_map(|group| of_group(group, rules)).collect()
}

/// Every ticket that lies in a full window; neighbours that lie within one window of each other are one incident.
fn of_group(group: &[&Face], rules: &Alike) -> Vec<Vec<Face>> {
    let window = TimeDelta::minutes(rules.incident_minutes.into());
    let mut crowded = vec![false; group.len()];
    for (from, first) in group.iter().enumerate() {
        let inside = |face: &&&Face| face.submitted_at.0 - first.submitted_at.0 <= window;
        let count = group[from..].iter().take_while(inside).count();
        if people(&group[from..from + count]) >= rules.incident_tickets as usize {
            crowded[from..from + count].fill(true);
        }
    }
    let mut found: Vec<Vec<Face>> = Vec::new();
    for (face, _) in group.iter().zip(crowded).filter(|(_, crowded)| *crowded) {
        let near = |last: &Face| face.submitted_at.0 - last.submitted_at.0 <= window;
        match found.last_mut() {
            Some(cluster) if cluster.last().is_some_and(near) => cluster.push((*face).clone()),
            _ => found.push(vec![(*face).clone()]),
        }
    }
    found
}

/// How many different people reported these.
pub fn people(faces: &[&Face]) -> usize {
    let mut known: Vec<Vec<&Face>> = Vec::new();
    for face in faces {
        let shares =
            |person: &Vec<&Face>| person.iter().any(|each| face.same_phone(each) || face.same_device(each));
        let (mine, others): (Vec<_>, Vec<_>) = known.into_iter().partition(shares);
        known = others;
        known.push(mine.into_iter().flatten().chain([*face]).collect());
    }
    known.len()
}
