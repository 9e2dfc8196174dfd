"""Where coordinators decide about applications, for programmes that do not admit everybody at once."""
