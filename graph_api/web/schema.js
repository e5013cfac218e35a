// The schema as the server describes itself.

export const INTROSPECTION = `{
  __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    directives { name description locations args { ...V } }
    types {
      kind name description
      fields(includeDeprecated: true) { name description isDeprecated deprecationReason type { ...T } args(includeDeprecated: true) { ...V } }
      inputFields(includeDeprecated: true) { ...V }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      interfaces { name }
      possibleTypes { name }
    }
  }
}
fragment V on __InputValue { name description defaultValue isDeprecated deprecationReason type { ...T } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }`;

export function typeText(type) {
  if (type.kind === "NON_NULL") return `${typeText(type.ofType)}!`;
  return type.kind === "LIST" ? `[${typeText(type.ofType)}]` : type.name;
}

export function namedType(type) {
  return type.ofType ? namedType(type.ofType) : type.name;
}

export const required = (input) => input.type.kind === "NON_NULL" && input.defaultValue === null;

// "[Int!]!" as introspection writes it, of names whose kind is looked up later.
export function typeFromText(text) {
  if (text.endsWith("!")) return { kind: "NON_NULL", ofType: typeFromText(text.slice(0, -1)) };
  if (text.startsWith("[")) return { kind: "LIST", ofType: typeFromText(text.slice(1, -1)) };
  return { name: text };
}

const TYPENAME = { name: "__typename", description: "Name of the object's type.", type: { kind: "NON_NULL", ofType: { kind: "SCALAR", name: "String" } }, args: [] };
const COMPOSITE = ["OBJECT", "INTERFACE", "UNION"];
const INPUT = ["SCALAR", "ENUM", "INPUT_OBJECT"];

export class Schema {
  constructor(described) {
    this.types = new Map(described.types.map((type) => [type.name, type]));
    this.directives = described.directives;
    this.roots = {
      query: described.queryType?.name,
      mutation: described.mutationType?.name,
      subscription: described.subscriptionType?.name,
    };
  }

  type(name) {
    return this.types.get(name) ?? null;
  }

  root(operation) {
    return this.type(this.roots[operation]);
  }

  fields(type) {
    if (!type || !COMPOSITE.includes(type.kind)) return [];
    return [...(type.fields ?? []), TYPENAME];
  }

  field(type, name) {
    if (type?.name === this.roots.query && (name === "__schema" || name === "__type")) {
      const of = { __schema: "__Schema", __type: "__Type" }[name];
      const args = name === "__type" ? [{ name: "name", defaultValue: null, type: typeFromText("String!") }] : [];
      return { name, description: "The schema itself.", type: { kind: "OBJECT", name: of }, args };
    }
    return this.fields(type).find((field) => field.name === name) ?? null;
  }

  isComposite(name) {
    return COMPOSITE.includes(this.type(name)?.kind);
  }

  composites() {
    return [...this.types.values()].filter((type) => COMPOSITE.includes(type.kind) && !type.name.startsWith("__"));
  }

  inputs() {
    return [...this.types.values()].filter((type) => INPUT.includes(type.kind) && !type.name.startsWith("__"));
  }

  // Whether an object can be of both types; only then does a fragment on one belong into the other.
  overlap(one, other) {
    const possible = (type) => (type.kind === "OBJECT" ? [type.name] : type.possibleTypes.map((each) => each.name));
    const names = possible(one);
    return possible(other).some((name) => names.includes(name));
  }
}
