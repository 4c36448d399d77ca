"""A study file, its policy packs and its catalogue, read together and checked as one."""

from siting.config.expand import BASE, groups, patches
from siting.config.load import Config, load_config, schemas
from siting.config.packs import Override

__all__ = ["BASE", "Config", "Override", "groups", "load_config", "patches", "schemas"]
