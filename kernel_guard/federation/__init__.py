"""Several hospitals as one study (later). Nothing is built here yet; the plan keeps partial results addable."""
