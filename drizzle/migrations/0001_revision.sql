-- The revision rises with every changed row of the catalogue. One statement between the breakpoints, for clients that apply them one by one.
INSERT INTO catalogue_revision (id, revision) VALUES (1, 0);
--> statement-breakpoint
CREATE TRIGGER products_inserted AFTER INSERT ON products BEGIN UPDATE catalogue_revision SET revision = revision + 1; END;
--> statement-breakpoint
CREATE TRIGGER products_updated AFTER UPDATE ON products BEGIN UPDATE catalogue_revision SET revision = revision + 1; END;
--> statement-breakpoint
CREATE TRIGGER products_deleted AFTER DELETE ON products BEGIN UPDATE catalogue_revision SET revision = revision + 1; END;
--> statement-breakpoint
CREATE TRIGGER batteries_inserted AFTER INSERT ON lithium_ion_batteries BEGIN UPDATE catalogue_revision SET revision = revision + 1; END;
--> statement-breakpoint
CREATE TRIGGER batteries_updated AFTER UPDATE ON lithium_ion_batteries BEGIN UPDATE catalogue_revision SET revision = revision + 1; END;
--> statement-breakpoint
CREATE TRIGGER batteries_deleted AFTER DELETE ON lithium_ion_batteries BEGIN UPDATE catalogue_revision SET revision = revision + 1; END;
