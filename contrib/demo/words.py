# SPDX-License-Identifier: MIT
"""Names and words the made-up organisation is made of. Nobody in it is real."""

GIVEN = """
Aled Alys Amina Andrew Anest Angharad Anwen Arjun Asha Beca Bethan Bronwen Carys Catrin Ceri Claire Daniel
Dafydd David Dewi Dilys Dylan Eirlys Eleri Elin Emlyn Emma Emyr Esyllt Ffion Fiona Fraser Gareth Geraint
Glenys Grace Gruffydd Gwen Gwyneth Hamza Hannah Harriet Haf Heledd Huw Ieuan Ifan Imogen Ioan Iolo Iona
Isla Iwan James Joanna Keira Kofi Leila Llinos Llŷr Lowri Lucy Luned Mair Mali Manon Marged Mared Mary
Megan Meinir Meleri Menna Morwenna Moira Nadia Nerys Nia Niamh Non Olwen Oluwaseun Osian Owain Owen Patrick
Priya Rachel Rhian Rhiannon Rhodri Rhys Robert Rosa Ruth Ryan Sarah Seren Siân Siôn Siwan Sofia Steffan Tanwen Tegan
Tesni Thomas Tomos Tudur Victoria Wendy Wyn Yasmin Zoë Zainab Éilis Róisín Seán
""".split()

FAMILY = """
Adams Ahmed Ali Andrews Baker Begum Bevan Bowen Brennan Campbell Chowdhury Clarke Cooper Cunningham Davies Edwards Ellis
Evans Fletcher Foster Francis Fraser George Gibbs Gower Graham Griffiths Gunn Harries Harris Hopkins Howells Hughes Humphreys
Hussain Ibrahim Jenkins John Jones Joseph Kaur Kelly Khan Lewis Lloyd Llewellyn Loughran Mackay Madoc Martin
Matthews Meredith Morgan Morris Mwangi Nash Nicholas Novak Okafor Osborne Owen Parry Patel Penry Perkins Phillips Powell Price
Probert Prosser Pugh Rahman Rees Reid Richards Roberts Robinson Rogers Rowlands Samuel Sharma Shaw Singh Stephens Taylor
Thomas Tucker Vaughan Walker Walters Watkins Webb Williams Wynne Yorath O'Brien O'Neill Ó'Ceallaigh Smith-Parry ap-Dafydd
""".split()

# Long and plain: no name, no department, nothing a list of common passwords would begin with.
PLAIN = """
acorn almond amber anchor apron badger bagpipe bamboo barley basket beacon birch biscuit blanket bobbin bracken bramble brass
breeze bronze bucket buttercup cactus candle canvas caravan cedar cello chestnut chimney cinder clarinet clover cobalt
cockle compass copper coral cotton cricket crumpet crystal curlew cushion cygnet damson dolphin dragonfly drizzle
ember emerald fathom feather fennel ferret fiddle flannel flint foxglove gannet garnet geranium ginger glacier goblet
granite gravel hammock hazel heather hedgehog heron hickory honey iceberg indigo inkwell ivory jasmine jigsaw juniper
kayak kestrel kettle kingfisher ladder lagoon lantern lapwing larch lavender lemon lichen limpet linen lobster locket magnet
magpie mallet mango maple marble meadow mercury mitten moss mulberry mustard nettle nutmeg oatmeal olive orchid
osprey otter oyster paddle paprika parsnip pebble pelican pepper pewter pigeon plum poppy porridge puffin pumpkin quartz
quiver radish raspberry raven ribbon rowan saddle saffron sandal sapphire satchel seagull shingle silver skylark
slate sparrow spruce starling sycamore tangerine teapot thimble thistle timber topaz tremolo trumpet tulip turnip turquoise
umbrella velvet violet walnut wagtail willow windmill woodpecker yarrow zephyr
""".split()

# (short name, name, where)
DEPARTMENTS = (
	("harbours", "Harbours Agency", "Milford Haven"),
	("maps", "Land and Maps Office", "Aberystwyth"),
	("weather", "Weather Office", "Exeter"),
	("roads", "Roads Authority", "Swansea"),
	("records", "Records Service", "Newport"),
	("shared", "Shared Services", "Cardiff"),
)

TITLES = (
	"Case officer", "Payroll officer", "Finance officer", "Buyer", "Engineer", "Inspector", "Analyst", "Surveyor",
	"Translator", "Archivist", "Project manager", "Personal assistant",
)

# (name, every how many people are in it)
GROUPS = (
	("Everyone in the demo", 1),
	("Payroll: approver", 9),
	("Procurement: buyer", 7),
	("Finance: reader", 4),
	("Build machines: sudo", 11),
	("Translators", 13),
)
