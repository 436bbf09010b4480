"""Changes of many databases: chosen, handed out in batches, carried out file by file, kept as history."""
