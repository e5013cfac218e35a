"""The stages of a scan, one step each, pure in and out."""
