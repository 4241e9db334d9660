"""What a sweep found: tables, figures and the pages of summary.pdf."""
