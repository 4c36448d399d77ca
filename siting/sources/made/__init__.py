"""A made county: fictional land, streets, persons and facilities, drawn from a seed for demonstrations and tests."""

from siting.sources.made.county import County, make_county
from siting.sources.made.spec import CountySpec
from siting.sources.made.write import write_county

__all__ = ["County", "CountySpec", "make_county", "write_county"]
