//! What is kept in memory for a few seconds because every scan or report asks for it: the routing of a community, and the
//! pages of its doors.
//!
//! A change in this program sets the kept copy aside at once, and none is kept again until the change is surely
//! committed; other programs on the same database see it within [`SECONDS`]. Nothing here knows what is kept.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use moka::sync::Cache;

use crate::db::Id;
use crate::error::Result;

/// How long a copy is used.
pub const SECONDS: u64 = 5;

/// The communities in which something was changed a moment ago. Longer than a copy lives, so that one that was read
/// just before the commit never outlives the mark.
static CHANGED: LazyLock<Cache<Id, ()>> =
    LazyLock::new(|| Cache::builder().time_to_live(Duration::from_secs(2 * SECONDS)).build());

/// One thing for each community.
pub struct Kept<T>(Cache<Id, Arc<T>>);

impl<T: Send + Sync + 'static> Default for Kept<T> {
    fn default() -> Kept<T> {
        Kept(Cache::builder().max_capacity(500).time_to_live(Duration::from_secs(SECONDS)).build())
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// What is kept for a community, or what `load` reads. A transaction that changed it reads its own change.
    pub fn get(&self, community_id: Id, load: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let unsettled = unsettled(community_id);
        if !unsettled && let Some(kept) = self.0.get(&community_id) {
            return Ok(kept);
        }
        let loaded = Arc::new(load()?);
        if !unsettled {
            self.0.insert(community_id, loaded.clone());
        }
        Ok(loaded)
    }
}

/// Says that something kept of this community is being changed.
pub fn changed(community_id: Id) {
    CHANGED.insert(community_id, ());
}

/// Whether something kept of this community was changed a moment ago: what is kept is not used, and nothing is kept.
pub fn unsettled(community_id: Id) -> bool {
    CHANGED.contains_key(&community_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_once_is_not_read_again_until_it_changes() {
        let (kept, home, mut reads) = (Kept::default(), Id::new(), 0);
        let mut read = || {
            reads += 1;
            Ok(reads)
        };
        assert_eq!(*kept.get(home, &mut read).unwrap(), 1);
        assert_eq!(*kept.get(home, &mut read).unwrap(), 1);
        changed(home);
        assert_eq!(*kept.get(home, &mut read).unwrap(), 2);
        assert_eq!(*kept.get(home, &mut read).unwrap(), 3, "a change may still be taken back");
        assert_eq!(*kept.get(Id::new(), &mut read).unwrap(), 4, "others have their own");
    }
}
