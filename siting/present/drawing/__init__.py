"""Drawing for paper: sheets with legend, scale bar and north arrow, through the object-oriented interface only."""
