// Node alone.
process.stdout.write("0\n");
