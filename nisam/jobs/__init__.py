"""Background work: jobs, items, events; claiming, leases, the reaper."""
