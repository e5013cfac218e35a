// What is said of the edge between two neighbours.
UNWIND <from>s AS <node>
RETURN <row>
