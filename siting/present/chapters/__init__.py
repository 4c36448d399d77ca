"""The chapters of the report, in the order of a layout plan. Each turns a run into blocks."""
