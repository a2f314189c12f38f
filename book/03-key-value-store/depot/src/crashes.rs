//! Cuts the power at every operation of a script, and looks at every disk that may be left.

use std::collections::BTreeMap;
use std::io;

use crate::disk::Disk;
use crate::mutant::{Forgets, Mutant};
use crate::simulated::Simulated;
use crate::store::Depot;

// ANCHOR: step
/// One call of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Put a parcel on a shelf.
    Place(u32, u16),
    /// Hand a parcel out.
    HandOut(u32),
    /// Remove what is dead.
    Merge,
}

/// What the store should hold.
pub type Model = BTreeMap<u32, u16>;

impl Step {
    /// Makes the call.
    ///
    /// # Errors
    /// Those of the store.
    pub fn run<D: Disk>(self, depot: &mut Depot<D>) -> io::Result<()> {
        match self {
            Self::Place(parcel, shelf) => depot.place(parcel, shelf),
            Self::HandOut(parcel) => depot.hand_out(parcel).map(|_| ()),
            Self::Merge => depot.merge(),
        }
    }

    /// Says what the call means.
    pub fn apply(self, model: &mut Model) {
        match self {
            Self::Place(parcel, shelf) => model.insert(parcel, shelf),
            Self::HandOut(parcel) => model.remove(&parcel),
            Self::Merge => None,
        };
    }
}
// ANCHOR_END: step

/// A disk that breaks a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The number of operations before the power was cut.
    pub operations: usize,
    /// The step in which that was, if the store was open by then.
    pub during: Option<Step>,
    /// What the acknowledged steps promised.
    pub promised: Model,
    /// What was there when the power came back.
    pub found: Model,
}

/// All that a store holds of the parcels that a script names.
///
/// # Errors
/// Those of the disk.
pub fn contents<D: Disk>(depot: &Depot<D>, script: &[Step]) -> io::Result<Model> {
    let mut contents = Model::new();
    for step in script {
        if let Step::Place(parcel, _) = *step
            && let Some(shelf) = depot.shelf_of(parcel)?
        {
            contents.insert(parcel, shelf);
        }
    }
    Ok(contents)
}

/// Cuts the power after each number of operations that a script makes, and opens the store on
/// every disk that may be left. Returns the number of disks, or the first that breaks a promise.
///
/// # Errors
/// Those of the disk, with its power on.
// ANCHOR: check
pub fn check(script: &[Step], forgets: Forgets) -> io::Result<Result<usize, Broken>> {
    let mut disks = 0;
    for operations in 0.. {
        let disk = Simulated::default().with_power_for(operations);
        let (disk, promised, during) = run(disk, script, forgets);
        for image in disk.after_power_cut() {
            disks += 1;
            let found = contents(&Depot::open(image)?, script)?;
            let mut possible = promised.clone();
            if let Some(step) = during {
                step.apply(&mut possible);
            }
            if found != promised && found != possible {
                return Ok(Err(Broken {
                    operations,
                    during,
                    promised,
                    found,
                }));
            }
        }
        if disk.operations() < operations {
            break;
        }
    }
    Ok(Ok(disks))
}
// ANCHOR_END: check

/// Runs a script until the power is cut. Returns the disk, what the steps that were acknowledged
/// promise, and the step that was not.
// ANCHOR: run
fn run(disk: Simulated, script: &[Step], forgets: Forgets) -> (Simulated, Model, Option<Step>) {
    let mut promised = Model::new();
    let mut mutant = Mutant(disk, forgets);
    let Ok(mut depot) = Depot::open(&mut mutant) else {
        return (mutant.0, promised, None);
    };
    for &step in script {
        if step.run(&mut depot).is_err() {
            return (mutant.0, promised, Some(step));
        }
        step.apply(&mut promised);
    }
    (mutant.0, promised, None)
}
// ANCHOR_END: run
