"""How anything is shown: words in Chinese and English, numbers, tables, figures, workbooks and fonts."""
