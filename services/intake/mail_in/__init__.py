"""How mail about meetings comes in: it is stored before its sender is told so, and read, judged and decided afterwards."""
