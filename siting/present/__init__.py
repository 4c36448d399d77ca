"""From a finished run to what a planner sees: tables, maps, figures, reports. Prints numbers, never computes them."""
