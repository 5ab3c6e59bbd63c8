"""Read models of the till: members found by what is typed or scanned, and its sales."""
