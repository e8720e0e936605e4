"""File formats of corpora and tools: archives, tables, workbooks, arrays, Kaldi, wav, OpenFace, openSMILE."""
