"""A study file, its policy packs and its catalogue, read together and checked as one."""

from siting.config.load import Config, load_config, schemas
from siting.config.packs import Override

__all__ = ["Config", "Override", "load_config", "schemas"]
