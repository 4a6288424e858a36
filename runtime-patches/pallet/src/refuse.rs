//! States in which a branch outside this pallet would act.
