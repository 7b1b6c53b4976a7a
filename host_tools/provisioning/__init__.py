"""Seeds into fobs: choosing the record, loading it in an order that leaves nothing half done."""
