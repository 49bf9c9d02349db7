"""Rule packs as data: one TOML file each, every value with the place that it is taken from."""
