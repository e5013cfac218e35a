// Nothing is kept of the asset `a`, which was not there; goes into a WITH.
  null AS was
