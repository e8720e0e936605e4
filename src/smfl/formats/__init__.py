"""What corpora and tools write in: archives, tables, workbooks, arrays, Kaldi, wav, OpenFace, openSMILE, transcripts."""
