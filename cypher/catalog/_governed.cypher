// What of an asset is governed, so that its history is kept; goes into the braces of a map projection.
  .name, .path, .subtype, .data_type, .nullable, .ordinal, .primary_key, .comment, .description, .definition, .domain,
  .status, .stub
