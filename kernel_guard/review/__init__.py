"""Review and export: sealed results and evidence, never rows."""
