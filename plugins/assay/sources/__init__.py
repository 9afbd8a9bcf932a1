"""Text in, pages out: settings, Markdown pages, transcripts and the catalogue."""
